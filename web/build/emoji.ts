/**
 * The module `virtual:emoji`: all emoji by the protocol's names (iamcal's short names, from `emoji-datasource`), reduced to
 * what the client needs of them. Words for searching, and names that older versions wrote, are those of `gemoji`.
 */
import { createRequire } from 'node:module';
import type { Plugin } from 'vite';

interface Source {
  name: string;
  unified: string;
  short_name: string;
  short_names: string[];
  category: string;
  sort_order: number;
  skin_variations?: Record<string, { unified: string }>;
}

/** Sign, names (the first is the one to write), words for searching, category, and how tones are made (see below). */
export type Row = [sign: string, names: string, words: string, category: number, tones: 0 | 1 | Record<string, string>];

export interface Table {
  categories: string[];
  rows: Row[];
  /** Names that are read and no longer written, by sign. */
  older: Record<string, string>;
}

const TONES = ['1F3FB', '1F3FC', '1F3FD', '1F3FE', '1F3FF'];
/** In the order of the picker; skin tones by themselves come last. */
const CATEGORIES = [
  ...['Smileys & Emotion', 'People & Body', 'Animals & Nature', 'Food & Drink', 'Activities', 'Travel & Places'],
  ...['Objects', 'Symbols', 'Flags', 'Component'],
];

export async function emojiTable(): Promise<Table> {
  const source = createRequire(import.meta.url)('emoji-datasource/emoji.json') as Source[];
  const { gemoji } = await import('gemoji');
  const bare = (sign: string): string => sign.replaceAll('\ufe0f', '');
  const tags = new Map(gemoji.map((one) => [bare(one.emoji), [...one.names, ...one.tags, one.description]]));
  const known = new Set(source.flatMap(({ short_names }) => short_names));
  const rows = [...source]
    .sort((a, b) => a.sort_order - b.sort_order)
    .map((one) => {
      const sign = signOf(one.unified);
      const names = [one.short_name, ...one.short_names.filter((name) => name !== one.short_name)];
      const words = [...names, one.name, ...(tags.get(bare(sign)) ?? [])].join(' ').toLowerCase();
      const unique = [...new Set(words.split(/[\s_-]+/))].join(' ');
      return [sign, names.join(' '), unique, CATEGORIES.indexOf(one.category), tonesOf(sign, one)] satisfies Row;
    });
  const older = gemoji.flatMap(({ names, emoji }) =>
    names.filter((name) => !known.has(name)).map((name) => [name, emoji] as const),
  );
  return { categories: CATEGORIES, rows, older: Object.fromEntries(older) };
}

/** None; 1 where a tone follows the first character; else the sign for each tone, or pair of tones, by its place in the list. */
function tonesOf(sign: string, { skin_variations }: Source): Row[4] {
  if (!skin_variations) return 0;
  const entries = Object.entries(skin_variations).map(([key, { unified }]) => [key, signOf(unified)] as const);
  const [first = '', ...rest] = [...sign];
  const toned = (key: string): string => first + signOf(key) + rest.join('').replace(/^\ufe0f/, '');
  if (entries.length === TONES.length && entries.every(([key, made]) => made === toned(key))) return 1;
  const places = (key: string): string =>
    key
      .split('-')
      .map((tone) => TONES.indexOf(tone))
      .join('');
  return Object.fromEntries(entries.map(([key, made]) => [places(key), made]));
}

function signOf(unified: string): string {
  return String.fromCodePoint(...unified.split('-').map((code) => parseInt(code, 16)));
}

export function emoji(): Plugin {
  const id = '\0virtual:emoji';
  return {
    name: 'emoji',
    resolveId: (name) => (name === 'virtual:emoji' ? id : undefined),
    load: async (name) =>
      name === id ? `export default JSON.parse(${JSON.stringify(JSON.stringify(await emojiTable()))})` : undefined,
  };
}
