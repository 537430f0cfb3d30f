/**
 * What chat adds to Markdown: `@person`, `~channel` and `:emoji:`. Each becomes something else only when it names
 * something known; otherwise it stays the text that was typed.
 */
import type { MarkedExtension, TokenizerAndRendererExtension, Tokens } from 'marked';
import { escapeHtml } from './sanitise';

export interface Surroundings {
  /** The address for a username, and whether it is one's own; null when nobody is called so. */
  mention(name: string): { href: string | null; me: boolean } | null;
  channel(name: string): { href: string; title: string } | null;
  /** The sign for a name, or the address of its picture. */
  emoji(name: string): { sign?: string; src?: string } | null;
  /** Where a picture from elsewhere can be had without going there; null when it cannot. */
  image?(address: string): { src: string; width: number; height: number } | null;
}

/** The picture of that address, by the surroundings of the message at hand. */
export function imageAt(address: string): { src: string; width: number; height: number } | null {
  return now.image?.(address) ?? null;
}

const nothing: Surroundings = { mention: () => null, channel: () => null, emoji: () => null };
let now: Surroundings = nothing;

/** Rendering is synchronous, so the surroundings of the message at hand can simply stand here meanwhile. */
export function within<T>(surroundings: Surroundings, work: () => T): T {
  now = surroundings;
  try {
    return work();
  } finally {
    now = nothing;
  }
}

interface Piece extends Tokens.Generic {
  html: string;
}

/** An inline rule: where it may begin, what it matches there, and the HTML that the match stands for. */
function rule(
  name: string,
  begins: RegExp,
  pattern: RegExp,
  html: (match: RegExpExecArray) => [string, string] | null,
) {
  const extension: TokenizerAndRendererExtension = {
    name,
    level: 'inline',
    start: (src) => begins.exec(src)?.index,
    tokenizer: (src): Piece | undefined => {
      const match = pattern.exec(src);
      const result = match && html(match);
      return result ? { type: name, raw: result[0], html: result[1] } : undefined;
    },
    renderer: (token) => (token as Piece).html,
  };
  return extension;
}

const mention = rule('mention', /(?<!\w)@[a-z0-9]/i, /^@([a-z0-9][a-z0-9._-]*)/i, (match) => {
  // A full stop may end the sentence or belong to the name: try the longest name first.
  for (let name = match[1] ?? ''; name; name = name.replace(/(?:[._-]+|[^._-]+)$/, '')) {
    const found = now.mention(name.toLowerCase());
    if (!found) continue;
    const text = escapeHtml(`@${name}`);
    const css = found.me ? 'mention me' : 'mention';
    const html = found.href
      ? `<a class="${css}" href="${escapeHtml(found.href)}">${text}</a>`
      : `<span class="${css}">${text}</span>`;
    return [`@${name}`, html];
  }
  return null;
});

const channel = rule('channel', /(?<![\w~])~[a-z0-9]/i, /^~([a-z0-9][a-z0-9_-]*)(?!~)/i, (match) => {
  const found = now.channel((match[1] ?? '').toLowerCase());
  if (!found) return null;
  return [match[0], `<a class="channel-link" href="${escapeHtml(found.href)}">~${escapeHtml(found.title)}</a>`];
});

const emoji = rule('emoji', /:[a-z0-9_+-]+:/i, /^:([a-z0-9_+-]+):/i, (match) => {
  const found = now.emoji((match[1] ?? '').toLowerCase());
  if (!found) return null;
  const name = escapeHtml(match[0]);
  if (found.src) {
    return [match[0], `<img class="emoji picture" src="${escapeHtml(found.src)}" alt="${name}" title="${name}">`];
  }
  return [match[0], `<span class="emoji" title="${name}">${escapeHtml(found.sign ?? '')}</span>`];
});

export const chatSyntax: MarkedExtension = { extensions: [mention, channel, emoji] };
