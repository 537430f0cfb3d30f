/**
 * Emoji by name. The full table is large, so it is loaded apart from the client, right after the start; until it is here
 * names stay names.
 */
export interface Emoji {
  emoji: string;
  name: string;
  words: string;
  category: string;
}

/** Offered without opening the picker. */
export const QUICK = ['+1', 'heart', 'joy', 'tada', 'eyes', 'white_check_mark'];

class EmojiTable {
  list = $state.raw<Emoji[]>([]);
  #byName = $state.raw<ReadonlyMap<string, string>>(new Map());
  #started = false;

  async load(): Promise<void> {
    if (this.#started) return;
    this.#started = true;
    try {
      const { gemoji } = await import('gemoji');
      const byName = new Map<string, string>();
      for (const { names, emoji } of gemoji) for (const name of names) byName.set(name, emoji);
      this.#byName = byName;
      this.list = gemoji.map(({ emoji, names, tags, description, category }) => ({
        emoji,
        name: names[0] ?? '',
        words: [...names, ...tags, description].join(' ').toLowerCase(),
        category,
      }));
    } catch {
      this.#started = false;
    }
  }

  get(name: string): string | null {
    return this.#byName.get(name) ?? null;
  }

  search(term: string, limit: number): Emoji[] {
    const wanted = term.toLowerCase();
    const begins = this.list.filter(({ name }) => name.startsWith(wanted));
    const contains = this.list.filter(({ name, words }) => !name.startsWith(wanted) && words.includes(wanted));
    return [...begins, ...contains].slice(0, limit);
  }
}

export const emoji = new EmojiTable();
