/**
 * The words besides one's name that count as naming one, and where they stand in a text. Only to show it: whom a message
 * notifies is decided by the server, by the same rules. Pure.
 */

/** Where in a text, from and to. */
export type Span = readonly [from: number, to: number];
export type Find = (text: string) => Span[];

/** Letters of scripts that put no spaces between words, or hang endings on them: there, a word is found wherever it stands. */
const SPACELESS =
  '\\u0e00-\\u0eff\\u1000-\\u109f\\u1100-\\u11ff\\u1780-\\u17ff\\u3005-\\u30ff\\u3130-\\u318f\\u3400-\\u9fff' +
  '\\uac00-\\ud7af\\uf900-\\ufaff\\uff66-\\uff9f\\u{20000}-\\u{3ffff}';
/** What joins with its like into a word. */
const JOINS = `(?:(?![${SPACELESS}])[\\p{Alphabetic}\\p{N}_])`;
const joins = new RegExp(`^${JOINS}$`, 'u');

/** The words of the setting `mention_keys`, which has commas between them. */
export function wordsOf(setting: string): string[] {
  return [...new Set(setting.split(/[,，、]/).map((word) => word.trim()))].filter(Boolean);
}

/** What finds these words, in any case, and this name as it is written; null if there is nothing to find. */
export function finder(list: readonly string[], name = ''): Find | null {
  // Names are marked as names.
  const words = list.filter((word) => !/^[@＠]/.test(word));
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
  const escaped = word.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
  const before = joins.test(letters[0] ?? '') ? `(?<!${JOINS})` : '';
  const behind = joins.test(letters.at(-1) ?? '') ? `(?!${JOINS})` : '';
  return before + escaped + behind;
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
