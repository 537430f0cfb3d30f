/** The words of a text without its marks, for places that have one line or that only ask whether there are any. */
import type { Token } from 'markdown-it';
import { isBlank } from '../blank';
import { parse } from './parser';

/** As much as is read for a few words. */
const READ = 4000;

/** The first words of a message on one line: what its reader sees, not how it was typed. */
export function snippet(text: string, length = 80): string {
  const plain = plainText(parse(text.slice(0, READ), {}))
    .replace(/\s+/g, ' ')
    .trim();
  if (isBlank(plain)) return '';
  const letters = [...plain.slice(0, 2 * length + 2)];
  return letters.length > length
    ? `${letters
        .slice(0, length - 1)
        .join('')
        .trimEnd()}…`
    : plain;
}

export function plainText(tokens: readonly Token[]): string {
  return tokens.map(textOf).join('');
}

function textOf(token: Token): string {
  if (token.children && token.type !== 'image') return plainText(token.children);
  // What follows a paragraph, a cell or a line does not belong to its last word.
  return token.content || (token.nesting < 0 && token.block) || /break$/.test(token.type)
    ? `${token.content}${gap(token)}`
    : '';
}

function gap(token: Token): string {
  return token.block || /break$/.test(token.type) ? ' ' : '';
}
