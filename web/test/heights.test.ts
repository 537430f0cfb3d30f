import { describe, expect, it } from 'vitest';
import { Heights } from '../src/lib/list/heights';
import { compose, spanOf, type Shown } from '../src/lib/list/pieces';

interface Row {
  key: string;
  kind: string;
}

const rows = (...keys: string[]): Row[] => keys.map((key) => ({ key, kind: key[0] as string }));
const kindOf = (row: Row) => row.kind;

function measured(sizes: Record<string, number>): Heights<Row> {
  const heights = new Heights(kindOf);
  heights.arrange(rows(...Object.keys(sizes)));
  for (const [key, height] of Object.entries(sizes)) heights.set(key, height);
  return heights;
}

describe('the heights of rows', () => {
  it('say where a row begins, and which row is at a place', () => {
    const heights = measured({ a1: 10, a2: 20, a3: 30, a4: 40, a5: 50 });
    expect([0, 1, 2, 3, 4, 5].map((at) => heights.offset(at))).toEqual([0, 10, 30, 60, 100, 150]);
    expect([-5, 0, 9, 10, 59, 60, 149, 150, 9999].map((at) => heights.at(at))).toEqual([0, 0, 0, 1, 2, 3, 4, 4, 4]);
  });

  it('agree with a plain sum, whatever is measured in whatever order', () => {
    const heights = new Heights(kindOf);
    const all = rows(...Array.from({ length: 137 }, (_, n) => `r${n}`));
    heights.arrange(all);
    const plain = all.map((_, at) => heights.of(at));
    for (let n = 0; n < 500; n++) {
      const at = (n * 61) % 137;
      plain[at] = (n * 37) % 90;
      heights.set(`r${at}`, plain[at]);
    }
    const sum = (to: number) => plain.slice(0, to).reduce((a, b) => a + b, 0);
    for (let at = 0; at <= 137; at++) expect(heights.offset(at)).toBeCloseTo(sum(at), 6);
    for (let at = 0; at < 137; at++) if (plain[at]) expect(heights.at(sum(at) + 0.01)).toBe(at);
  });

  it('are guessed by the average of their kind, and a guess stays when rows come in above', () => {
    const heights = measured({ a1: 10, a2: 30, b1: 100 });
    heights.arrange(rows('a1', 'a2', 'b1', 'a3', 'b2'));
    expect([heights.of(3), heights.of(4)]).toEqual([20, 100]);
    heights.set('a1', 50);
    heights.arrange(rows('a0', 'a1', 'a2', 'b1', 'a3', 'b2'));
    expect(heights.of(4)).toBe(20);
  });

  it('are known again when a row comes back', () => {
    const heights = measured({ a1: 10, a2: 77, a3: 10 });
    heights.arrange(rows('a1', 'a3'));
    expect(heights.total).toBe(20);
    heights.arrange(rows('a1', 'a2', 'a3'));
    expect(heights.offset(2)).toBe(87);
  });

  it('say whether a measure is news, and take none of a row that is not there', () => {
    const heights = measured({ a1: 10 });
    expect(heights.set('a1', 10)).toBe(false);
    expect(heights.set('a1', 11)).toBe(true);
    expect(heights.set('x', 11)).toBe(false);
    expect(heights.total).toBe(11);
  });

  it('of no rows are none', () => {
    const heights = new Heights(kindOf);
    expect([heights.at(0), heights.total, heights.offset(0)]).toEqual([-1, 0, 0]);
  });
});

describe('the rows in the page', () => {
  const nothing: Shown<Row> = { pieces: [], below: 0 };
  const short = ({ pieces, below }: Shown<Row>) =>
    [...pieces.map(({ row, gap }) => (gap ? `${gap} ` : '') + row.key), below].join(' ');
  const heights = measured({ a1: 10, a2: 20, a3: 30, a4: 40, a5: 50 });

  it('are those that a stretch touches, with room for the others', () => {
    expect(spanOf(heights, 15, 70)).toEqual({ from: 1, to: 4 });
    expect(short(compose(heights, [spanOf(heights, 15, 70)], nothing))).toBe('10 a2 a3 a4 50');
  });

  it('and those that are kept, each once, in order', () => {
    const spans = [spanOf(heights, 30, 40), { from: 0, to: 1 }, { from: 2, to: 3 }, { from: 4, to: 5 }];
    expect(short(compose(heights, spans, nothing))).toBe('a1 20 a3 40 a5 0');
  });

  it('stay the same objects while nothing changes', () => {
    const first = compose(heights, [{ from: 1, to: 4 }], nothing);
    expect(compose(heights, [{ from: 1, to: 4 }], first)).toBe(first);
    const next = compose(heights, [{ from: 2, to: 5 }], first);
    expect(next.pieces[1]).toBe(first.pieces[2]);
    expect(next.pieces[0]).not.toBe(first.pieces[1]);
  });

  it('are none without rows', () => {
    const empty = new Heights(kindOf);
    expect(compose(empty, [spanOf(empty, -600, 600)], nothing)).toBe(nothing);
  });
});
