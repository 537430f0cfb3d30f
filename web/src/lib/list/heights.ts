/**
 * How high the rows of a long list are, in pixels, and where each begins: as measured for a row that was shown, by the
 * average of its kind for one that was not. Finding a row by its place, or a place by its row, takes logarithmic time
 * (the sums lie in a binary indexed tree). Pure: who shows rows measures them.
 */

export interface Keyed {
  readonly key: string;
}

/** Until a row of a kind was measured. */
const GUESS = 48;
/** How many heights of rows that are no longer in the list are remembered, should they come back. */
const REMEMBERED = 2000;

export class Heights<R extends Keyed> {
  #rows: readonly R[] = [];
  #heights = new Float64Array(0);
  #sums = new Float64Array(1);
  #places: Map<string, number> | null = null;
  readonly #kindOf: (row: R) => string;
  readonly #measured = new Map<string, number>();
  readonly #kinds = new Map<string, { sum: number; count: number }>();

  /** `kindOf` says which rows are likely to be of one height. */
  constructor(kindOf: (row: R) => string) {
    this.#kindOf = kindOf;
  }

  get rows(): readonly R[] {
    return this.#rows;
  }

  get total(): number {
    return this.offset(this.#rows.length);
  }

  /** Takes the rows that the list has now. What was said of a row, measured or guessed, stays. */
  arrange(rows: readonly R[]): void {
    if (rows === this.#rows) return;
    const same = sharedStart(rows, this.#rows);
    const before = this.#heights;
    const known = same < this.#rows.length ? this.#byKey(same) : null;
    this.#heights = Float64Array.from(rows, (row, at) => {
      if (at < same) return before[at] as number;
      return this.#measured.get(row.key) ?? known?.get(row.key) ?? this.#guess(row);
    });
    this.#rows = rows;
    this.#places = null;
    this.#sum();
    this.#prune();
  }

  /** Notes the height of a row; answers whether that is news. */
  set(key: string, height: number): boolean {
    const at = this.indexOf(key);
    const row = this.#rows[at];
    if (!row) return false;
    if (!this.#measured.has(key)) this.#learn(row, height);
    this.#measured.set(key, height);
    const change = height - (this.#heights[at] as number);
    if (change === 0) return false;
    this.#heights[at] = height;
    for (let n = at + 1; n < this.#sums.length; n += n & -n) this.#sums[n] = (this.#sums[n] as number) + change;
    return true;
  }

  /** Forgets what was measured: the list has another width. */
  forget(): void {
    this.#measured.clear();
    this.#kinds.clear();
  }

  /** The height of the row at an index; 0 where there is none. */
  of(index: number): number {
    return this.#heights[index] ?? 0;
  }

  /** Where the row at an index begins: the height of all before it. */
  offset(index: number): number {
    let sum = 0;
    for (let n = Math.min(index, this.#rows.length); n > 0; n -= n & -n) sum += this.#sums[n] as number;
    return sum;
  }

  /** The index of the row at an offset; the first or the last one for an offset outside, -1 without rows. */
  at(offset: number): number {
    let found = 0;
    let rest = offset;
    for (let step = highestBit(this.#rows.length); step > 0; step >>= 1) {
      const next = found + step;
      if (next > this.#rows.length || (this.#sums[next] as number) > rest) continue;
      found = next;
      rest -= this.#sums[next] as number;
    }
    return Math.min(found, this.#rows.length - 1);
  }

  /** The index of the row with this key; -1 if it is not in the list. */
  indexOf(key: string): number {
    this.#places ??= new Map(this.#rows.map((row, at) => [row.key, at]));
    return this.#places.get(key) ?? -1;
  }

  #guess(row: R): number {
    const kind = this.#kinds.get(this.#kindOf(row));
    return kind ? kind.sum / kind.count : GUESS;
  }

  #learn(row: R, height: number): void {
    const name = this.#kindOf(row);
    const { sum, count } = this.#kinds.get(name) ?? { sum: 0, count: 0 };
    this.#kinds.set(name, { sum: sum + height, count: count + 1 });
  }

  /** Heights of the rows from an index on: a guess that moves must not change, or all below it would. */
  #byKey(from: number): Map<string, number> {
    return new Map(this.#rows.slice(from).map((row, n) => [row.key, this.of(from + n)]));
  }

  #sum(): void {
    const count = this.#rows.length;
    const sums = (this.#sums = new Float64Array(count + 1));
    for (let n = 1; n <= count; n++) {
      const sum = (sums[n] as number) + this.of(n - 1);
      sums[n] = sum;
      const above = n + (n & -n);
      if (above <= count) sums[above] = (sums[above] as number) + sum;
    }
  }

  #prune(): void {
    if (this.#measured.size <= this.#rows.length + REMEMBERED) return;
    for (const key of this.#measured.keys()) if (this.indexOf(key) < 0) this.#measured.delete(key);
  }
}

/** How many rows two lists have in common from their beginning. */
function sharedStart(a: readonly Keyed[], b: readonly Keyed[]): number {
  const most = Math.min(a.length, b.length);
  let same = 0;
  while (same < most && a[same]?.key === b[same]?.key) same++;
  return same;
}

function highestBit(count: number): number {
  return count > 0 ? 1 << (31 - Math.clz32(count)) : 0;
}
