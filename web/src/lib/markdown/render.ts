/**
 * From the text of a message to HTML: GitHub's Markdown where a line break is a line break, with what chat adds, and
 * sanitised. Pictures are shown where the server fetches them for us, and else as links: nothing is fetched from elsewhere
 * because somebody posted it.
 */
import { Marked } from 'marked';
import { chatSyntax, imageAt, within, type Surroundings } from './inline';
import { escapeHtml, isAddress, sanitise } from './sanitise';

const marked = new Marked({ gfm: true, breaks: true, async: false }, chatSyntax, {
  renderer: {
    // HTML in a message is text like any other.
    html: ({ text }) => escapeHtml(text),
    // So is what stands between <pre>, <code> or <script> and its end; Marked would pass it on as HTML.
    text(token) {
      if ('escaped' in token) token.escaped = false;
      return false;
    },
    // A link that would lead nowhere stays what was typed: nothing is to look like one and do nothing.
    link: ({ href, raw }) => (isAddress(href) ? false : escapeHtml(raw)),
    image: (token) => picture(token.href, token.text, token.title ?? '', linked.has(token)),
    // Headings inside a message would tear the page's outline apart.
    heading({ tokens, depth }) {
      return `<p class="md-heading md-h${depth}">${this.parser.parseInline(tokens)}</p>`;
    },
    code: ({ text }) => `<pre><code>${escapeHtml(text)}\n</code></pre>`,
  },
});

export type { Surroundings } from './inline';

/** Pictures inside of links: a link of their own would tear those apart. */
let linked: ReadonlySet<unknown> = new Set();

function picture(address: string, text: string, title: string, bare: boolean): string {
  const link = (inner: string) =>
    bare || !isAddress(address) ? inner : `<a href="${escapeHtml(address)}">${inner}</a>`;
  const found = imageAt(address);
  if (!found) return link(escapeHtml(text || address));
  const size = found.width && found.height ? ` width="${found.width}" height="${found.height}"` : '';
  const words = `alt="${escapeHtml(text || address)}" title="${escapeHtml(title || text)}"`;
  return link(`<img class="md-picture" src="${escapeHtml(found.src)}" ${words}${size} loading="lazy">`);
}

export function renderMarkdown(text: string, surroundings: Surroundings): string {
  return sanitise(
    within(surroundings, () => {
      const tokens = marked.lexer(text);
      const found = new Set<unknown>();
      marked.walkTokens(tokens, (token) => {
        if (token.type === 'link') for (const child of token.tokens ?? []) found.add(child);
      });
      linked = found;
      return marked.parser(tokens);
    }),
  );
}

const EMOJI_ONLY =
  /^(?:\p{Extended_Pictographic}|\p{Emoji_Modifier}|\p{Regional_Indicator}|\u200d|\ufe0f|\s|:[a-z0-9_+-]+:)+$/u;

/** Whether a message is nothing but a few emoji, which are then shown large. */
export function isJumbo(text: string): boolean {
  return text.length <= 60 && EMOJI_ONLY.test(text) && text.trim() !== '';
}

/** The first words of a message, without its marks; for places that have one line. */
export function snippet(text: string, length = 80): string {
  const plain = text
    .replace(/!?\[([^\]]*)\]\([^)\s]*\)/g, '$1')
    .replace(/[*_~`>#|]+/g, '')
    .replace(/\s+/g, ' ')
    .trim();
  return plain.length > length ? `${plain.slice(0, length - 1).trimEnd()}…` : plain;
}
