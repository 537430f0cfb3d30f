/**
 * Marks the reader's words in a message that is HTML already, as their name is marked. It changes text only, after the
 * sanitiser: whatever reads Markdown need not know of it. Code and addresses are no words.
 */
import type { Find } from '../posts/keywords';

const LEFT_OUT = 'code, pre, .mention';

export function highlight(html: string, find: Find | null): string {
  if (!find || !html) return html;
  const template = document.createElement('template');
  template.innerHTML = html;
  const texts = document.createTreeWalker(template.content, NodeFilter.SHOW_TEXT);
  const found: Text[] = [];
  while (texts.nextNode()) if (isProse(texts.currentNode as Text)) found.push(texts.currentNode as Text);
  const marked = found.filter((text) => mark(text, find));
  return marked.length ? template.innerHTML : html;
}

function isProse(text: Text): boolean {
  const around = text.parentElement;
  if (around?.closest(LEFT_OUT)) return false;
  return !/^\s*(?:[a-z][a-z0-9+.-]*:\/\/|www\.)/i.test(around?.closest('a')?.textContent ?? '');
}

/** Puts what is found into marks of its own; whether anything was. */
function mark(text: Text, find: Find): boolean {
  const all = text.data;
  const spans = find(all);
  if (!spans.length) return false;
  const parts: (string | Node)[] = [];
  let at = 0;
  for (const [from, to] of spans) {
    const word = document.createElement('span');
    word.className = 'mention me';
    word.textContent = all.slice(from, to);
    parts.push(all.slice(at, from), word);
    at = to;
  }
  text.replaceWith(...parts, all.slice(at));
  return true;
}
