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
import { signs } from './tones';

export interface Emoji {
  /** The sign itself; empty for a picture. */
  emoji: string;
  /** The picture's address, for the organisation's own. */
  src?: string;
  /** The one to write: the first of its names, or the one that was searched for. */
  name: string;
  names: readonly string[];
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
  readonly #toned = $derived(tonedOf(this.#byName));
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
        ...namesOf(names.split(' ')),
        words,
        category: table.categories[category] ?? '',
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

  /** What all names of an emoji have in common. */
  key(name: string): string {
    return this.get(name) ?? name;
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

  /** Those of which a name begins so come first, under that name; then those that have it somewhere in a name or a word. */
  search(term: string, limit: number): Emoji[] {
    const wanted = term.toLowerCase().replace(/^:|:$/g, '');
    const words = wanted.replace(/[_-]+/g, ' ').trim();
    const all = [...this.custom.map(entry), ...this.list];
    const begins = (name: string): boolean => name.startsWith(wanted);
    const found = [
      ...called(all, (name) => name === wanted),
      ...called(all, begins),
      // `+1_da…`: with a tone of skin, which lists show only when it is asked for.
      ...(wanted.length > 3 ? called(this.#toned, begins) : []),
      ...called(all, (name) => name.includes(wanted)),
      ...all.filter((one) => words && one.words.includes(words)),
    ];
    return eachOnce(found).slice(0, limit);
  }
}

function namesOf(names: readonly string[]): Pick<Emoji, 'name' | 'names'> {
  return { name: names[0] ?? '', names };
}

/** Those that have such a name, under it. */
function called(list: readonly Emoji[], fits: (name: string) => boolean): Emoji[] {
  return list.flatMap((one) => {
    const name = one.names.find(fits);
    return name === undefined ? [] : [{ ...one, name }];
  });
}

function eachOnce(list: readonly Emoji[]): Emoji[] {
  const seen = new Set<string>();
  return list.filter(({ emoji, src = '' }) => !seen.has(emoji + src) && seen.add(emoji + src));
}

/** Every sign with a tone, with all its names. */
function tonedOf(byName: ReadonlyMap<string, string>): Emoji[] {
  const bySign = new Map<string, string[]>();
  for (const [name, sign] of byName) {
    if (name.endsWith('_skin_tone')) bySign.set(sign, [...(bySign.get(sign) ?? []), name]);
  }
  return [...bySign].map(([emoji, names]) => ({ emoji, ...namesOf(names), words: '', category: '' }));
}

/** One of the organisation's own, as it stands in lists. */
export function entry({ id, name }: CustomEmoji): Emoji {
  return { emoji: '', src: client.getCustomEmojiImageUrl(id), ...namesOf([name]), words: name, category: 'Custom' };
}

export const emoji = new EmojiTable();
