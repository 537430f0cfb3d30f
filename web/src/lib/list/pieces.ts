/** Which rows of a long list are in the page, and the room that stands for the others. Pure. */
import type { Heights, Keyed } from './heights';

/** A row in the page. */
export interface Piece<R> {
  readonly row: R;
  /** The height of the rows that are left out right above it. */
  readonly gap: number;
}

export interface Shown<R> {
  readonly pieces: readonly Piece<R>[];
  /** The height of the rows that are left out behind the last piece. */
  readonly below: number;
}

/** What of a list is in view. */
export interface View {
  /** Pixels of it that lie above and below the view. */
  readonly above: number;
  readonly below: number;
  /** The end is in view, or all but. */
  readonly low: boolean;
  /** The index of the last row of which more than a sliver is in view; -1 if none is. */
  readonly last: number;
}

/** Indexes from the first to before the last. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** The rows that a stretch of the list touches, which begins and ends at these offsets. */
export function spanOf<R extends Keyed>(heights: Heights<R>, top: number, bottom: number): Span {
  return { from: Math.max(0, heights.at(top)), to: heights.at(bottom) + 1 };
}

/** The rows of these spans, each once, in order. Pieces that stay as they were are the same objects. */
export function compose<R extends Keyed>(heights: Heights<R>, spans: readonly Span[], before: Shown<R>): Shown<R> {
  const known = new Map(before.pieces.map((piece) => [piece.row.key, piece]));
  const pieces: Piece<R>[] = [];
  let end = 0;
  for (const { from, to } of [...spans].sort((a, b) => a.from - b.from)) {
    for (let at = Math.max(from, end); at < to; at++) {
      const row = heights.rows[at] as R;
      const gap = room(heights, end, at);
      const old = known.get(row.key);
      pieces.push(old?.row === row && old.gap === gap ? old : { row, gap });
      end = at + 1;
    }
  }
  const below = room(heights, end, heights.rows.length);
  return isSame(before, pieces, below) ? before : { pieces, below };
}

/** The height of some rows, in the steps in which browsers lay out: sums of fractions differ by less. */
function room<R extends Keyed>(heights: Heights<R>, from: number, to: number): number {
  return to > from ? Math.round((heights.offset(to) - heights.offset(from)) * 64) / 64 : 0;
}

function isSame<R>(before: Shown<R>, pieces: readonly Piece<R>[], below: number): boolean {
  return (
    before.below === below &&
    before.pieces.length === pieces.length &&
    pieces.every((piece, at) => piece === before.pieces[at])
  );
}
