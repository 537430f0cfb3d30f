/**
 * The parser of messages: CommonMark with tables, strikethrough and tasks, where a line break is a line break, HTML is
 * text, and addresses need no brackets. Bounded in depth: what is nested more deeply than anybody reads is shown as it
 * was typed.
 */
import MarkdownIt, { type StateBlock, type StateCore, type StateInline, type Token } from 'markdown-it';
import { addressAt } from './addresses';
import { isAddress } from './schemes';
import { words } from './words';

/** Levels of quotations and lists (a list is two: itself and its item), and of emphasis. */
export const DEPTH = 20;
/** The sides of a picture, as somebody may ask for them. */
const SIDE = 2000;

/** What is a definition does not depend on where it leads: to the server, which counts names, `[@bob]: soon` is one. */
let readingBlocks = false;

const md = new MarkdownIt({ html: false, breaks: true, linkify: false, typographer: false });
md.disable(['html_block', 'html_inline', 'linkify', 'replacements', 'smartquotes', 'strip_references', 'text_join']);
md.normalizeLink = (address) => address;
md.validateLink = (address) => readingBlocks || isAddress(address);
md.block.ruler.before('table', 'deep', deep);
md.inline.ruler.before('newline', 'address', address);
md.inline.ruler.before('image', 'sized_picture', sizedPicture);
md.inline.ruler2.before('fragments_join', 'shallow', shallow);
md.core.ruler.after('block', 'addresses', addresses);
md.core.ruler.push('definitions', definitions);
md.core.ruler.push('words', words);
md.core.ruler.push('tasks', tasks);

/** What the rules of one text share. */
export type Around = NonNullable<Parameters<typeof md.parse>[1]>;

export function parse(text: string, around: Around): Token[] {
  readingBlocks = true;
  return md.parse(text, around);
}

export const renderer = md.renderer;
export const options = md.options;

/** From here on addresses are looked at: a definition that leads nowhere is none that a link can refer to. */
function addresses(state: StateCore): void {
  readingBlocks = false;
  const defined = (state.env.references ?? {}) as Record<string, { href: string }>;
  for (const [label, { href }] of Object.entries(defined)) if (!isAddress(href)) delete defined[label];
}

/** What lies below the deepest level that is still shown as such: lines of text. */
function deep(state: StateBlock, from: number, end: number, silent: boolean): boolean {
  if (state.level < DEPTH) return false;
  if (silent) return true;
  let to = from + 1;
  while (to < end && (state.isEmpty(to) || (state.sCount[to] ?? 0) >= state.blkIndent)) to++;
  const token = state.push('plain', 'p', 0);
  token.content = state.getLines(from, to, state.blkIndent, false).trim();
  state.line = to;
  return true;
}

/** Takes the marks of emphasis that lies too deep for text. */
function shallow(state: StateInline): void {
  const open: boolean[] = [];
  for (const token of state.tokens) {
    if (token.nesting === 0) continue;
    const kept = token.nesting > 0 ? open.length < DEPTH || token.type === 'link_open' : open.pop();
    if (token.nesting > 0) open.push(Boolean(kept));
    if (!kept) Object.assign(token, { type: 'text', tag: '', nesting: 0, content: token.markup });
  }
}

/** An address without brackets, found at the colon behind its scheme. */
function address(state: StateInline, silent: boolean): boolean {
  // Silent: something asks where a label ends, and no address has a bracket without its partner.
  if (silent || state.linkLevel > 0 || state.src.charAt(state.pos) !== ':') return false;
  const found = addressAt(state.src.slice(0, state.posMax), state.pos, state.pos - state.pending.length);
  if (!found) return false;
  state.pending = state.pending.slice(0, state.pending.length - (state.pos - found.from));
  pushLink((type, tag, nesting) => state.push(type, tag, nesting), found.href, state.src.slice(found.from, found.to));
  state.pos = found.to;
  return true;
}

/** A link of which the text is the address itself. */
export function pushLink(
  push: (type: string, tag: string, nesting: -1 | 0 | 1) => Token,
  href: string,
  text: string,
): void {
  const open = push('link_open', 'a', 1);
  open.attrs = [['href', href]];
  open.info = 'auto';
  push('text', '', 0).content = text;
  push('link_close', 'a', -1).info = 'auto';
}

/** `![words](address =100x50 "title")`: a picture with a width, a height, or both. */
function sizedPicture(state: StateInline, silent: boolean): boolean {
  if (!state.src.startsWith('![', state.pos)) return false;
  const end = state.md.helpers.parseLinkLabel(state, state.pos + 1, false);
  if (end < 0 || state.src.charAt(end + 1) !== '(') return false;
  const target = state.md.helpers.parseLinkDestination(state.src, end + 2, state.posMax);
  if (!target.ok || !isAddress(target.str)) return false;
  const rest = /^[ \t]+=(?=\d|x\d)(\d{0,20})(?:x(\d{0,20}))?(?:[ \t]+"([^"\n]{0,1000})")?[ \t]*\)/.exec(
    state.src.slice(target.pos, Math.min(state.posMax, target.pos + 1100)),
  );
  if (!rest) return false;
  if (!silent) {
    const token = state.push('image', 'img', 0);
    token.content = state.src.slice(state.pos + 2, end);
    token.children = [];
    token.attrs = [
      ['src', target.str],
      ['title', rest[3] ?? ''],
    ];
    token.meta = Object.assign(Object.create(null), { width: side(rest[1]), height: side(rest[2]) });
  }
  state.pos = target.pos + rest[0].length;
  return true;
}

function side(digits = ''): number {
  return Math.min(SIDE, Number(digits));
}

/**
 * A definition that no link refers to is a line that somebody wrote to be read: `[INFO]: https://…`. It names nobody: to
 * the server it is no text.
 */
function definitions(state: StateCore): void {
  if (!state.tokens.some(({ type }) => type === 'reference_definition')) return;
  const used = new Set(
    state.tokens.flatMap(({ children }) => children ?? []).map(({ meta }) => meta?.label as unknown),
  );
  const lines = state.src.split('\n');
  state.tokens = state.tokens.flatMap((token) => {
    if (token.type !== 'reference_definition') return [token];
    if (used.has(token.meta?.label)) return [];
    const [from, to] = token.map ?? [0, 0];
    const inline = new state.Token('inline', '', 0);
    // Behind the marks of the quotation or list that it stands in.
    const [first = '', ...others] = lines.slice(from, to);
    const rest = others.map((line) => line.replace(/^[\s>]+/, ''));
    inline.content = [first.slice(Math.max(0, first.indexOf('['))), ...rest].join('\n').trim();
    inline.children = [];
    inline.meta = { definition: true };
    state.md.inline.parse(inline.content, state.md, {}, inline.children);
    return [new state.Token('paragraph_open', 'p', 1), inline, new state.Token('paragraph_close', 'p', -1)];
  });
}

/** `- [x] done`: a box instead of the brackets. */
function tasks(state: StateCore): void {
  state.tokens.forEach((token, at) => {
    const first = token.children?.[0];
    if (token.type !== 'inline' || state.tokens[at - 2]?.type !== 'list_item_open' || first?.type !== 'text') return;
    const mark = /^\[([ x])\]\s/i.exec(first.content);
    if (!mark) return;
    first.content = first.content.slice(mark[0].length);
    const box = new state.Token('task', 'input', 0);
    box.meta = { done: mark[1] !== ' ' };
    token.children?.unshift(box);
  });
}
