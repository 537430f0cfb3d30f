/**
 * What a search found so far, each once, and the way to the rest. Pages shift while messages are written and deleted: what
 * comes again is left out, and after something went a page is asked for again, so that nothing slips through between two.
 */
import { explain } from '../api/errors';

export const PAGE = 60;
/** Sizes to ask for, if a page comes back short though there is more: messages may be too large for so many at once. */
const SIZES = [PAGE, 15, 4];
/** Pages that bring nothing new, one after another, until the search rests: somebody writes faster than we read. */
const MOST_STALE = 10;

export interface Page<T> {
  items: T[];
  /** How many the server answered, be it that some of them cannot be shown. */
  count: number;
  /** Whether the server says that others follow; if it says nothing, a full page tells. */
  more?: boolean;
}

export class Results<T extends { id: string }> {
  list = $state.raw<T[]>([]);
  more = $state(false);
  busy = $state(false);
  problem = $state('');
  /** Nothing was answered yet. */
  fresh = $state(true);
  /** How many of what the server has we have seen, counted from the newest. */
  #seen = 0;
  #dropped = 0;
  readonly #ask: (page: number, size: number) => Promise<Page<T>>;

  constructor(ask: (page: number, size: number) => Promise<Page<T>>) {
    this.#ask = ask;
  }

  /** Brings the next ones, the first ones to begin with. While it is at that, further calls do nothing. */
  async load(): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    this.problem = '';
    try {
      await this.#load();
    } catch (error) {
      this.problem = explain(error);
    } finally {
      this.busy = this.fresh = false;
    }
  }

  /** Takes out what does not exist any more. */
  drop(isGone: (id: string) => boolean): void {
    const left = this.list.filter(({ id }) => !isGone(id));
    this.#dropped += this.list.length - left.length;
    if (left.length < this.list.length) this.list = left;
  }

  async #load(): Promise<void> {
    this.#seen = Math.max(0, this.#seen - this.#dropped);
    this.#dropped = 0;
    for (let turn = 0; turn < MOST_STALE; turn++) {
      const before = this.list.length;
      await this.#next();
      if (this.list.length > before || !this.more) return;
    }
  }

  /** Goes on behind what was seen: on the page on which that ends, in smaller pages if that brings nothing further. */
  async #next(): Promise<void> {
    for (const size of SIZES) {
      const page = Math.floor(this.#seen / size);
      const { items, count, more = count >= size } = await this.#ask(page, size);
      this.more = more;
      this.#take(items);
      const reached = page * size + count;
      if (reached > this.#seen || !more) {
        this.#seen = Math.max(this.#seen, reached);
        return;
      }
    }
    this.more = false;
  }

  #take(items: readonly T[]): void {
    const known = new Set(this.list.map(({ id }) => id));
    const found = items.filter(({ id }) => !known.has(id));
    if (found.length) this.list = [...this.list, ...found];
  }
}
