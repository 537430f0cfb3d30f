/**
 * Emoji by name. The full table is large, so it is loaded apart from the client, right after the start; until it is here
 * names stay names. The organisation's own emoji are pictures; they are known after the login, and others of them are
 * asked for when somebody uses one.
 */
import type { CustomEmoji } from '@mattermost/types/emojis';
import { SvelteMap } from 'svelte/reactivity';
import type { Table } from '../../../build/emoji';
import { client } from '../api/client';
import { Gather } from '../state/gather';
import { signs, toned } from './tones';

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
  #toned: Emoji[] = [];
  #started = false;

  async load(): Promise<void> {
    if (this.#started) return;
    this.#started = true;
    try {
      const table = (await import('virtual:emoji')).default as Table;
      this.#byName = signs(table);
      const offered = table.rows.filter(([, , , category]) => table.categories[category] !== 'Component');
      this.list = offered.map(([sign, names, words, category]) => ({
        emoji: sign,
        name: nameOf(names),
        words,
        category: table.categories[category] ?? '',
      }));
      this.#toned = offered.flatMap((row) =>
        toned(row, nameOf(row[1])).map(({ name, sign }) => ({ emoji: sign, name, words: '', category: '' })),
      );
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
    const words = wanted.replace(/[_-]+/g, ' ').trim();
    const all = [...this.custom.map(entry), ...this.list];
    const begins = all.filter(({ name }) => name.startsWith(wanted));
    const contains = all.filter(
      (one) => !one.name.startsWith(wanted) && (one.name.includes(wanted) || (words && one.words.includes(words))),
    );
    // `+1_da…`: with a tone of skin, which lists show only when it is asked for.
    const toned = wanted.length > 3 ? this.#toned.filter(({ name }) => name.startsWith(wanted)) : [];
    return [...begins, ...toned, ...contains].slice(0, limit);
  }
}

/** The first of the names is the one that is written. */
function nameOf(names: string): string {
  return names.split(' ')[0] ?? '';
}

/** One of the organisation's own, as it stands in lists. */
export function entry({ id, name }: CustomEmoji): Emoji {
  return { emoji: '', src: client.getCustomEmojiImageUrl(id), name, words: name, category: 'Custom' };
}

export const emoji = new EmojiTable();
