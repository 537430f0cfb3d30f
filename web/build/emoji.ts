/**
 * The module `virtual:emoji`: the table of all emoji that the server reads too (`src/lib/emoji/emoji.json`), made smaller for
 * the way to the browser.
 */
import { readFileSync } from 'node:fs';
import type { Plugin } from 'vite';

interface Source {
  names: string[];
  emoji: string;
  category: string;
  words: string;
  /** The sign in each tone of skin, and in each pair of tones; empty where there is none. */
  skins?: string[];
  pairs?: string[];
}

/** Sign, names (the first is the one to write), words for searching, category, and how tones are made (see below). */
export type Row = [sign: string, names: string, words: string, category: number, tones: 0 | 1 | Record<string, string>];

export interface Table {
  categories: string[];
  rows: Row[];
}

const MODIFIERS = ['🏻', '🏼', '🏽', '🏾', '🏿'];

export function emojiTable(): Table {
  const file = new URL('../src/lib/emoji/emoji.json', import.meta.url);
  const source = JSON.parse(readFileSync(file, 'utf8')) as Source[];
  const categories = [...new Set(source.map(({ category }) => category))];
  const rows = source.map((one) => {
    const words = [...one.names, one.words]
      .join(' ')
      .toLowerCase()
      .split(/[\s_-]+/);
    const unique = [...new Set(words)].join(' ');
    return [one.emoji, one.names.join(' '), unique, categories.indexOf(one.category), tonesOf(one)] satisfies Row;
  });
  return { categories, rows };
}

/** None; 1 where a tone follows the first character; else the sign for each tone, or pair of tones, by its place in the list. */
function tonesOf({ emoji, skins = [], pairs = [] }: Source): Row[4] {
  const [first = '', ...rest] = [...emoji];
  const toned = (place: number): string => first + MODIFIERS[place] + rest.join('').replace(/^\ufe0f/, '');
  if (skins.length && !pairs.length && skins.every((made, place) => made === toned(place))) return 1;
  const single = skins.map((made, place) => [String(place), made] as const);
  const both = pairs.map((made, place) => [`${Math.floor(place / 5)}${place % 5}`, made] as const);
  const all = [...single, ...both].filter(([, made]) => made);
  return all.length ? Object.fromEntries(all) : 0;
}

export function emoji(): Plugin {
  const id = '\0virtual:emoji';
  return {
    name: 'emoji',
    resolveId: (name) => (name === 'virtual:emoji' ? id : undefined),
    load: (name) =>
      name === id ? `export default JSON.parse(${JSON.stringify(JSON.stringify(emojiTable()))})` : undefined,
  };
}
