/**
 * The words besides one's name that count as naming one, and where they stand in a text. Only to show it: whom a message
 * notifies is decided by the server, by the same settings. Pure.
 */

/** Where in a text, from and to. */
export type Span = readonly [from: number, to: number];
export type Find = (text: string) => Span[];

/** Scripts that put no spaces between words: there, a word is found wherever its letters stand. */
const UNSPACED =
  '\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Thai}\\p{Script=Lao}\\p{Script=Khmer}';
const EDGE_LETTER = new RegExp(`^[\\p{L}\\p{N}_]$`, 'u');
const unspaced = new RegExp(`^[${UNSPACED}]$`, 'u');

/** The words of the setting `mention_keys`, which has commas between them. */
export function wordsOf(setting: string): string[] {
  return [...new Set(setting.split(/[,，、]/).map((word) => word.trim().replace(/\s+/g, ' ')))].filter(Boolean);
}

/** What finds these words, in any case, and this name as it is written; null if there is nothing to find. */
export function finder(words: readonly string[], name = ''): Find | null {
  const patterns = [
    ...(words.length ? [pattern(words, 'giu')] : []),
    ...(name.trim() ? [pattern([name.trim()], 'gu')] : []),
  ];
  return patterns.length ? (text) => disjoint(patterns.flatMap((one) => spans(text, one))) : null;
}

function pattern(words: readonly string[], flags: string): RegExp {
  // The longest first: of two that begin alike, the whole is marked.
  const longest = [...words].sort((a, b) => b.length - a.length);
  return new RegExp(longest.map(bounded).join('|'), flags);
}

/** A word as it stands alone: what begins or ends with a letter has none right before or behind it. */
function bounded(word: string): string {
  const letters = [...word];
  const escaped = word.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&').replaceAll(' ', '\\s+');
  const before = closes(letters[0] ?? '') ? `(?<![^\\P{L}${UNSPACED}]|[\\p{N}_])` : '';
  const behind = closes(letters.at(-1) ?? '') ? `(?![^\\P{L}${UNSPACED}]|[\\p{N}_])` : '';
  return before + escaped + behind;
}

function closes(letter: string): boolean {
  return EDGE_LETTER.test(letter) && !unspaced.test(letter);
}

function spans(text: string, pattern: RegExp): Span[] {
  return [...text.matchAll(pattern)].map(({ index, 0: found }) => [index, index + found.length]);
}

/** In order, without those that begin within another. */
function disjoint(list: Span[]): Span[] {
  const found: Span[] = [];
  for (const span of list.sort(([a], [b]) => a - b)) if (span[0] >= (found.at(-1)?.[1] ?? 0)) found.push(span);
  return found;
}
