/**
 * The last gate before a message's HTML reaches the page. The renderer already writes raw HTML as text; this holds even
 * if the renderer is wrong: only known tags and attributes pass, and addresses of known schemes.
 */
import DOMPurify, { type Config } from 'dompurify';
import { siteUrl } from '../api/base';
import { addressPattern } from './schemes';

const config: Config = {
  ALLOWED_TAGS: [
    ...['p', 'br', 'hr', 'div', 'span', 'strong', 'em', 'del', 'code', 'pre', 'blockquote', 'a', 'img'],
    ...['ul', 'ol', 'li', 'input', 'table', 'thead', 'tbody', 'tr', 'th', 'td'],
  ],
  ALLOWED_ATTR: [
    'href',
    'title',
    'class',
    'start',
    'align',
    'type',
    'checked',
    'disabled',
    ...['src', 'alt', 'width', 'height', 'loading'],
  ],
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
  // These hold no address, so the rule for addresses must not be held against them.
  ADD_URI_SAFE_ATTR: ['type', 'checked', 'disabled', 'start', 'align', 'alt', 'width', 'height', 'loading'],
};

/** The image proxy and custom emoji. */
const PICTURES = new RegExp(`^${escapePattern(siteUrl)}/api/v4/(?:image\\?url=|emoji/[a-z0-9]+/image$)`);

const purifier = DOMPurify(window);

purifier.addHook('afterSanitizeAttributes', (node) => {
  if (node.tagName === 'INPUT') {
    // Task lists only: a message must not bring other fields.
    if (node.getAttribute('type') !== 'checkbox') node.remove();
    node.setAttribute('disabled', '');
    node.setAttribute('aria-label', firstLine(node.parentElement));
  }
  // Each paragraph, list and quotation runs as its first letter does. Code always runs to the right.
  if (node.parentElement?.tagName === 'BODY' && node.tagName !== 'PRE') node.setAttribute('dir', 'auto');
  // Pictures come from our own server only, which hands out pictures and nothing else there.
  if (node.tagName === 'IMG' && !PICTURES.test(node.getAttribute('src') ?? '')) node.remove();
  if (node.tagName === 'A' && leavesTheSite(node as HTMLAnchorElement)) {
    node.setAttribute('target', '_blank');
    node.setAttribute('rel', 'noopener noreferrer nofollow');
  }
});

export function sanitise(html: string): string {
  return purifier.sanitize(html, { ...config, ALLOWED_URI_REGEXP: addressPattern() }) as string;
}

export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

/** What a task is called: its own words, without those of the tasks below it. */
function firstLine(element: Element | null): string {
  return element?.textContent?.trim().split('\n')[0] ?? '';
}

function escapePattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

function leavesTheSite(link: HTMLAnchorElement): boolean {
  const address = link.getAttribute('href') ?? '';
  try {
    return new URL(address, location.href).origin !== location.origin;
  } catch {
    return true;
  }
}
