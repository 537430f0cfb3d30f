/**
 * From the text of a message to HTML, sanitised. Pictures are shown where the server fetches them for us, and else as
 * links: nothing is fetched from elsewhere because somebody posted it. What a text is, `parser.ts` decides.
 */
import type { Token } from 'markdown-it';
import { isBlank } from '../blank';
import { options, parse, renderer } from './parser';
import { plainText } from './plain';
import { escapeHtml, sanitise } from './sanitise';
import { isAddress } from './schemes';
import type { Surroundings, Word } from './words';

export { snippet } from './plain';
export type { Surroundings } from './words';

/** Longer texts than any message are shown as they are. */
const LONGEST = 100_000;
/** What is seen without a word in it. */
const VISIBLE = new Set(['hr', 'fence', 'code_block', 'image', 'task', 'plain']);

const rules: Record<string, (token: Token, around: Surroundings) => string> = {
  // Headings inside a message would tear the page's outline apart.
  heading_open: ({ tag }) => `<p class="md-heading md-${tag}">`,
  heading_close: () => '</p>',
  s_open: () => '<del>',
  s_close: () => '</del>',
  plain: ({ content }) => lines(content),
  ordered_list_open: numbers,
  fence: ({ content }) => code(content),
  code_block: ({ content }) => code(content),
  image,
  task: ({ meta }) => `<input type="checkbox"${meta?.done ? ' checked' : ''}> `,
  th_open: (token) => cell('th', token),
  td_open: (token) => cell('td', token),
  word: ({ content, meta }) => word(content, meta as unknown as Word),
};
for (const [type, rule] of Object.entries(rules)) {
  renderer.rules[type] = (tokens, at, _options, env) => rule(tokens[at] as Token, env?.around as Surroundings);
}

export function renderMarkdown(text: string, around: Surroundings): string {
  if (text.length > LONGEST) return sanitise(lines(text));
  const env = { around };
  const tokens = parse(text, env);
  return sanitise(isSeen(tokens) ? renderer.render(tokens, options, env) : lines(text));
}

/** Whether anything of a text would be seen; if not, it is shown as it was typed. */
function isSeen(tokens: readonly Token[]): boolean {
  return (
    tokens.some(({ type, children }) => VISIBLE.has(type) || isSeen(children ?? [])) || !isBlank(plainText(tokens))
  );
}

function lines(text: string): string {
  return `<p>${escapeHtml(text).replaceAll('\n', '<br>')}</p>`;
}

function code(content: string): string {
  return `<pre><code>${escapeHtml(content.endsWith('\n') ? content : `${content}\n`)}</code></pre>`;
}

/** Large numbers need more room than usual ones, which the style gives by their class. */
function numbers({ attrs }: Token): string {
  const start = String(attrs?.find(([name]) => name === 'start')?.[1] ?? '1');
  const css = start.length > 5 ? ' class="longest"' : start.length > 2 ? ' class="long"' : '';
  return `<ol${start === '1' ? '' : ` start="${start}"`}${css}>`;
}

function cell(tag: string, { attrs }: Token): string {
  const align = /text-align:(\w+)/.exec(String(attrs?.[0]?.[1] ?? ''))?.[1];
  return align ? `<${tag} align="${align}">` : `<${tag}>`;
}

function word(typed: string, word: Word): string {
  const text = escapeHtml(typed);
  if (word.kind === 'channel') {
    return `<a class="channel-link" href="${escapeHtml(word.href)}">~${escapeHtml(word.title)}</a>`;
  }
  if (word.kind === 'mention') {
    const css = word.me ? 'mention me' : 'mention';
    return word.href
      ? `<a class="${css}" href="${escapeHtml(word.href)}">${text}</a>`
      : `<span class="${css}">${text}</span>`;
  }
  return word.src
    ? `<img class="emoji picture" src="${escapeHtml(word.src)}" alt="${text}" title="${text}">`
    : `<span class="emoji" title="${text}">${escapeHtml(word.sign ?? '')}</span>`;
}

/** A picture, or its description, leading to where it comes from unless it stands in a link already. */
function image(token: Token, around: Surroundings): string {
  const address = String(token.attrGet('src') ?? '');
  const text = escapeHtml(plainText(token.children ?? []).trim() || token.content || address);
  const found = around.image?.(address);
  const shown = found ? box(token, found, text) : text;
  return token.meta?.linked || !isAddress(address) ? shown : `<a href="${escapeHtml(address)}">${shown}</a>`;
}

function box(token: Token, found: { src: string; width: number; height: number }, text: string): string {
  const asked = token.meta as { width?: number; height?: number } | null;
  const { width, height } = asked?.width || asked?.height ? sized(asked, found) : found;
  const size = (width ? ` width="${width}"` : '') + (height ? ` height="${height}"` : '');
  const title = escapeHtml(String(token.attrGet('title') || '')) || text;
  const css = asked?.width || asked?.height ? 'md-picture sized' : 'md-picture';
  return `<img class="${css}" src="${escapeHtml(found.src)}" alt="${text}" title="${title}"${size} loading="lazy">`;
}

/** What was asked for; a side that was not follows from the picture's own, as far as they are known. */
function sized(asked: { width?: number; height?: number }, own: { width: number; height: number }) {
  const ratio = own.width && own.height ? own.width / own.height : 0;
  const width = asked.width || Math.round((asked.height ?? 0) * ratio);
  return { width, height: asked.height || (ratio ? Math.round(width / ratio) : 0) };
}

const EMOJI_ONLY =
  /^(?:\p{Extended_Pictographic}|\p{Emoji_Modifier}|\p{Regional_Indicator}|\u200d|\ufe0f|\s|:[a-z0-9_+-]+:)+$/u;

/** Whether a message is nothing but a few emoji, which are then shown large; a name that none has is a word. */
export function isJumbo(text: string, isKnown: (name: string) => boolean): boolean {
  if (text.length > 60 || text.trim() === '' || !EMOJI_ONLY.test(text)) return false;
  return [...text.matchAll(/:([a-z0-9_+-]+):/g)].every(([, name = '']) => isKnown(name));
}
