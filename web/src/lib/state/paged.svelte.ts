/**
 * A list that comes in pages: which page is shown, whether another follows, what went wrong. Answers may overtake each
 * other; only the one that was asked for last counts.
 */
import { explain } from '../api/errors';

export const PAGE = 50;

export class Paged<T> {
  list = $state.raw<T[]>([]);
  page = $state(0);
  more = $state(false);
  problem = $state('');
  /** Nothing was answered yet. */
  fresh = $state(true);
  #turn = 0;
  readonly #ask: (page: number, size: number) => Promise<T[]>;

  constructor(ask: (page: number, size: number) => Promise<T[]>) {
    this.#ask = ask;
  }

  async load(page = 0): Promise<void> {
    const turn = ++this.#turn;
    try {
      const found = await this.#ask(page, PAGE);
      if (turn !== this.#turn) return;
      this.list = found;
      this.page = page;
      this.more = found.length >= PAGE;
      this.problem = '';
    } catch (error) {
      if (turn === this.#turn) this.problem = explain(error);
    } finally {
      if (turn === this.#turn) this.fresh = false;
    }
  }

  /** The same page again, after something on it was changed. */
  reload(): Promise<void> {
    return this.load(this.page);
  }
}
