/**
 * From the text of a message to HTML: GitHub's Markdown where a line break is a line break, with what chat adds, and
 * sanitised. Pictures are shown as links: nothing is fetched from elsewhere because somebody posted it.
 */
import { Marked } from 'marked';
import { chatSyntax, within, type Surroundings } from './inline';
import { escapeHtml, sanitise } from './sanitise';

const marked = new Marked({ gfm: true, breaks: true, async: false }, chatSyntax, {
  renderer: {
    // HTML in a message is text like any other.
    html: ({ text }) => escapeHtml(text),
    // So is what stands between <pre>, <code> or <script> and its end; Marked would pass it on as HTML.
    text(token) {
      if ('escaped' in token) token.escaped = false;
      return false;
    },
    image: ({ href, text }) => `<a href="${escapeHtml(href)}">${escapeHtml(text || href)}</a>`,
    // Headings inside a message would tear the page's outline apart.
    heading({ tokens, depth }) {
      return `<p class="md-heading md-h${depth}">${this.parser.parseInline(tokens)}</p>`;
    },
    code: ({ text }) => `<pre><code>${escapeHtml(text)}\n</code></pre>`,
  },
});

export type { Surroundings } from './inline';

export function renderMarkdown(text: string, surroundings: Surroundings): string {
  return sanitise(within(surroundings, () => marked.parse(text) as string));
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
    .replace(/[*_~`>#|]+/g, '')
    .replace(/\s+/g, ' ')
    .trim();
  return plain.length > length ? `${plain.slice(0, length - 1).trimEnd()}…` : plain;
}
