/**
 * What a search found so far, each once, and the way to the rest. Pages shift while messages are written and deleted: what
 * comes again is left out, and after something went a page is asked for again, so that nothing slips through between two.
 */
import { explain } from '../api/errors';

export const PAGE = 60;
/** Pages that bring nothing new, one after another, until the search rests: somebody writes faster than we read. */
const MOST_STALE = 10;

export interface Page<T> {
  items: T[];
  /** How many the server answered, be it that some of them cannot be shown. */
  count: number;
}

export class Results<T extends { id: string }> {
  list = $state.raw<T[]>([]);
  more = $state(false);
  busy = $state(false);
  problem = $state('');
  /** Nothing was answered yet. */
  fresh = $state(true);
  #page = 0;
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
    this.#page = Math.max(0, this.#page - Math.ceil(this.#dropped / PAGE));
    this.#dropped = 0;
    for (let turn = 0; turn < MOST_STALE; turn++) {
      const { items, count } = await this.#ask(this.#page, PAGE);
      this.#page++;
      this.more = count >= PAGE;
      const known = new Set(this.list.map(({ id }) => id));
      const found = items.filter(({ id }) => !known.has(id));
      if (found.length) this.list = [...this.list, ...found];
      if (found.length || !this.more) return;
    }
  }
}
