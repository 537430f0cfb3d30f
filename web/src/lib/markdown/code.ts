/** Whether a place in a text that is being written is in code. Bounded: it is asked at each key. */
import type { Token } from 'markdown-it';
import { parse } from './parser';

/** Longer texts than a message may be are not read. */
const MOST = 20_000;
/** What every code begins with. */
const CODE = /`|~~~|(?:^|\n)(?: *\t| {4})/;
/** Stands for the sign that is looked for, and in no text. */
const HERE = '\ue000';

/** `at` is where a sign stands, such as the `@` of a name. */
export function isCode(text: string, at: number): boolean {
  if (text.length > MOST || !CODE.test(text)) return false;
  const marked = text.replaceAll(HERE, ' ');
  return holds(parse(`${marked.slice(0, at)}${HERE}${marked.slice(at + 1)}`, {}));
}

function holds(tokens: readonly Token[]): boolean {
  return tokens.some(
    ({ type, content, info, children }) =>
      (/^(?:fence|code_block|code_inline)$/.test(type) && (content + info).includes(HERE)) || holds(children ?? []),
  );
}
