/**
 * Emoji by name. The full table is large, so it is loaded apart from the client, right after the start; until it is here
 * names stay names. The organisation's own emoji are pictures; they are known after the login, and others of them are
 * asked for when somebody uses one.
 */
import type { CustomEmoji } from '@mattermost/types/emojis';
import { SvelteMap } from 'svelte/reactivity';
import { client } from '../api/client';
import { Gather } from '../state/gather';

export interface Emoji {
  /** The sign itself; empty for a picture. */
  emoji: string;
  /** The picture's address, for the organisation's own. */
  src?: string;
  name: string;
  words: string;
  category: string;
}

/** Offered without opening the picker. */
export const QUICK = ['+1', 'heart', 'joy', 'tada', 'eyes', 'white_check_mark'];

/** What stands for an emoji on screen: a sign, or a picture. */
export type Glyph = { sign: string; src?: undefined } | { sign?: undefined; src: string };

const CUSTOM_PAGE = 200;
const CUSTOM_MOST = 2000;

class EmojiTable {
  list = $state.raw<Emoji[]>([]);
  #byName = $state.raw<ReadonlyMap<string, string>>(new Map());
  readonly #custom = new SvelteMap<string, CustomEmoji>();
  // A failure leaves names as names.
  readonly #gather = new Gather(CUSTOM_PAGE, async (names) =>
    this.add(await client.getCustomEmojisByNames(names).catch(() => [])),
  );
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

  /** The organisation's own, by name. */
  custom = $derived([...this.#custom.values()].sort((a, b) => a.name.localeCompare(b.name)));

  get(name: string): string | null {
    return this.#byName.get(name) ?? null;
  }

  /** What to show for a name; null when nothing is called so, as far as we know. */
  glyph(name: string): Glyph | null {
    const sign = this.get(name);
    if (sign) return { sign };
    const custom = this.#custom.get(name);
    return custom ? { src: client.getCustomEmojiImageUrl(custom.id) } : null;
  }

  /** Reads the organisation's own emoji. */
  async loadCustom(): Promise<void> {
    for (let page = 0; page * CUSTOM_PAGE < CUSTOM_MOST; page++) {
      const list = await client.getCustomEmojis(page, CUSTOM_PAGE, 'name');
      this.add(list);
      if (list.length < CUSTOM_PAGE) return;
    }
  }

  add(list: readonly CustomEmoji[]): void {
    for (const one of list) this.#custom.set(one.name, one);
  }

  remove(one: CustomEmoji): void {
    this.#custom.delete(one.name);
  }

  /** Asks for emoji that somebody used and that we do not know. */
  need(names: Iterable<string>): void {
    if (this.#byName.size === 0) return;
    this.#gather.need([...names].filter((name) => !this.glyph(name)));
  }

  clear(): void {
    this.#custom.clear();
    this.#gather.clear();
  }

  search(term: string, limit: number): Emoji[] {
    const wanted = term.toLowerCase();
    const all = [...this.custom.map(entry), ...this.list];
    const begins = all.filter(({ name }) => name.startsWith(wanted));
    const contains = all.filter(({ name, words }) => !name.startsWith(wanted) && words.includes(wanted));
    return [...begins, ...contains].slice(0, limit);
  }
}

/** One of the organisation's own, as it stands in lists. */
export function entry({ id, name }: CustomEmoji): Emoji {
  return { emoji: '', src: client.getCustomEmojiImageUrl(id), name, words: name, category: 'Custom' };
}

export const emoji = new EmojiTable();
