/**
 * Questions that many parts of a page ask one by one, asked together: whoever needs something says so, and a moment later
 * one request brings all of it. Nothing is asked for twice, unless the request failed.
 */
const GATHER_MS = 30;
/** Beyond so many, what was asked is forgotten, and may be asked again. */
const REMEMBERED = 20_000;

export class Gather {
  readonly #most: number;
  readonly #fetch: (keys: string[]) => Promise<void>;
  #wanted = new Set<string>();
  #asked = new Set<string>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** At most `most` in a request. Where `fetch` fails, its keys are asked for again by whoever needs them next. */
  constructor(most: number, fetch: (keys: string[]) => Promise<void>) {
    this.#most = most;
    this.#fetch = fetch;
  }

  need(keys: Iterable<string>): void {
    for (const key of keys) if (!this.#asked.has(key)) this.#wanted.add(key);
    if (this.#wanted.size && !this.#timer) this.#timer = setTimeout(() => void this.#ask(), GATHER_MS);
  }

  /** What was asked may be answered differently now. */
  forget(): void {
    this.#asked.clear();
  }

  clear(): void {
    this.#wanted.clear();
    this.#asked.clear();
  }

  async #ask(): Promise<void> {
    this.#timer = undefined;
    const keys = [...this.#wanted].slice(0, this.#most);
    if (this.#asked.size > REMEMBERED) this.#asked.clear();
    for (const key of keys) {
      this.#wanted.delete(key);
      this.#asked.add(key);
    }
    this.need([]);
    try {
      await this.#fetch(keys);
    } catch {
      for (const key of keys) this.#asked.delete(key);
    }
  }
}
