/**
 * What chat adds to the words of a text: `@person`, `~channel`, `:emoji:`, and addresses without a scheme. Each becomes
 * something else only when it names something known; otherwise it stays the text that was typed. Whom a text names is
 * decided as the server does: see `tests/texts`.
 */
import type { StateCore, Token } from 'markdown-it';
import { mailAt, wwwAt, type Span } from './addresses';

export interface Surroundings {
  /** The address for a username, and whether it is one's own; null when nobody is called so. */
  mention(name: string): { href: string | null; me: boolean } | null;
  channel(name: string): { href: string; title: string } | null;
  /** The sign for a name, or the address of its picture. */
  emoji(name: string): { sign?: string; src?: string } | null;
  /** Where a picture from elsewhere can be had without going there; null when it cannot. */
  image?(address: string): { src: string; width: number; height: number } | null;
}

export const nothing: Surroundings = { mention: () => null, channel: () => null, emoji: () => null };

/** What a word became, in the token `word`; its content is what was typed. */
export type Word =
  | { kind: 'mention'; href: string | null; me: boolean }
  | { kind: 'channel'; href: string; title: string }
  | { kind: 'emoji'; sign?: string; src?: string };

interface Found {
  from: number;
  to: number;
  word?: Word;
  href?: string;
}

/** Text that belongs together; where a sign was escaped, or written as an entity, it is only shown. */
interface Run {
  text: string;
  shown: ReadonlySet<number>;
  inLink: boolean;
}

/** Names are cut at separators only, and none is longer. */
const NAME = /[a-z0-9._-]{0,66}/iy;
const CHANNEL = /[a-z0-9][a-z0-9_-]{0,63}(?![a-z0-9_~-])/iy;
const EMOJI = /:([a-z0-9_+-]{1,100}):/iy;

export function words(state: StateCore): void {
  const around = (state.env.around as Surroundings | undefined) ?? nothing;
  const unnamed: Surroundings = { ...around, mention: () => null };
  for (const token of state.tokens) {
    const names = token.meta?.definition ? unnamed : around;
    if (token.type === 'inline') token.children = inRuns(token.children ?? [], state, names);
  }
}

function inRuns(tokens: Token[], state: StateCore, around: Surroundings): Token[] {
  const result: Token[] = [];
  let links = 0;
  for (let at = 0; at < tokens.length;) {
    const token = tokens[at] as Token;
    if (!isText(token)) {
      if (token.type === 'link_open') links++;
      if (token.type === 'link_close') links--;
      // A link of its own would tear the one around it.
      if (token.type === 'image') token.meta = { ...token.meta, linked: links > 0 };
      result.push(token);
      at++;
      continue;
    }
    const first = at;
    while (at < tokens.length && isText(tokens[at] as Token)) at++;
    const run = runOf(tokens.slice(first, at), links > 0);
    const auto = tokens[first - 1]?.type === 'link_open' && tokens[first - 1]?.info === 'auto';
    replace(run, auto ? [] : find(run, around), state, result);
  }
  return result;
}

function isText({ type }: Token): boolean {
  return type === 'text' || type === 'text_special';
}

function runOf(tokens: Token[], inLink: boolean): Run {
  const shown = new Set<number>();
  let length = 0;
  for (const { type, content } of tokens) {
    if (type === 'text_special') for (let n = 0; n < content.length; n++) shown.add(length + n);
    length += content.length;
  }
  return { text: tokens.map(({ content }) => content).join(''), shown, inLink };
}

/** All that is to be replaced, in order and apart from each other. */
function find(run: Run, around: Surroundings): Found[] {
  const addresses = run.inLink ? namesOfMail(run) : addressesIn(run);
  const found: Found[] = [];
  let end = 0;
  const beginnings = new Beginnings(run.text);
  const signs = /[@＠~:]/g;
  for (let match = signs.exec(run.text); match; match = signs.exec(run.text)) {
    const at = match.index;
    while (addresses[0] && addresses[0].from <= at) {
      const { from, to, href } = addresses.shift() as Span;
      if (!run.inLink) found.push({ from, to, href });
      end = Math.max(end, to);
    }
    // In `@bob@example.com` the address counts.
    if (at < end || run.shown.has(at) || addresses[0]?.from === at + 1) continue;
    const next = (match[0] === ':' || beginnings.at(at)) && wordAt(run, at, around);
    if (!next) continue;
    found.push(next);
    end = signs.lastIndex = next.to;
  }
  if (!run.inLink) for (const { from, to, href } of addresses) found.push({ from, to, href });
  return found;
}

function wordAt(run: Run, at: number, around: Surroundings): Found | null {
  const sign = run.text.charAt(at);
  if (sign === ':') return emojiAt(run.text, at, around);
  return sign === '~' ? channelAt(run, at, around) : mentionAt(run, at, around);
}

/** Addresses of mail, and those that begin with `www.`. */
function addressesIn({ text, shown }: Run): Span[] {
  const found: Span[] = [];
  const starts = /@|www\./gi;
  let end = 0;
  for (let match = starts.exec(text); match; match = starts.exec(text)) {
    if (shown.has(match.index)) continue;
    const span = match[0] === '@' ? mailAt(text, match.index, end) : wwwAt(text, match.index);
    if (!span) continue;
    found.push(span);
    end = starts.lastIndex = span.to;
  }
  return found;
}

/** The same within the text of a link, where they lead nowhere and still name nobody: with those that have a scheme. */
function namesOfMail(run: Run): Span[] {
  const whole = /(?:^|\s)([a-z][a-z0-9+.-]{0,31}:\/\/\S+)/gi;
  const schemes = [...run.text.matchAll(whole)].map((match) => {
    const to = match.index + match[0].length;
    return { from: to - (match[1] ?? '').length, to, href: '' };
  });
  return [...schemes, ...addressesIn(run)].sort((a, b) => a.from - b.from);
}

/**
 * Says whether a name may begin at a sign: not directly behind a letter, digit or another sign, nor within what looks
 * like the path or query of an address, unless that follows a sign that began a name, as in `@bob/@ann`. Goes through
 * the text once: signs are asked about in their order.
 */
class Beginnings {
  #read = 0;
  /** Where the characters of addresses begin that reach up to what was read, and the last letter or digit. */
  #chunk = 0;
  #letter = -1;
  /** The sign that last began a name. */
  #named = -2;
  constructor(readonly text: string) {}

  at(at: number): boolean {
    for (; this.#read < at; this.#read++) {
      const sign = this.text.charAt(this.#read);
      if (/[a-z0-9]/i.test(sign)) this.#letter = this.#read;
      else if (!/[._\-:/+=&?#%~]/.test(sign)) this.#chunk = this.#read + 1;
    }
    const before = this.text.charAt(at - 1);
    const sign = this.text.charAt(at);
    if (/[a-z0-9_@＠]/i.test(before) || (sign === '~' && before === '~')) return false;
    const within = /[/+=&?#%~]/.test(before) && this.#letter >= this.#chunk;
    if (within && this.#chunk - 1 !== this.#named) return false;
    if (sign !== '~') this.#named = at;
    return true;
  }
}

/** The longest name that exists, cut where a separator stands. */
function mentionAt({ text, inLink }: Run, at: number, around: Surroundings): Found | null {
  NAME.lastIndex = at + 1;
  const typed = NAME.exec(text)?.[0] ?? '';
  for (let name = typed; name; name = name.slice(0, cutOf(name))) {
    const found = around.mention(name.toLowerCase());
    if (!found) continue;
    // Within a link it is only marked: an address of its own would tear the link.
    const href = inLink ? null : found.href;
    return { from: at, to: at + 1 + name.length, word: { kind: 'mention', me: found.me, href } };
  }
  return null;
}

/** Where the last separator of a name stands. */
function cutOf(name: string): number {
  return Math.max(name.lastIndexOf('.'), name.lastIndexOf('-'), name.lastIndexOf('_'), 0);
}

function channelAt({ text, inLink }: Run, at: number, around: Surroundings): Found | null {
  CHANNEL.lastIndex = at + 1;
  const name = inLink ? undefined : CHANNEL.exec(text)?.[0];
  const found = name && around.channel(name.toLowerCase());
  return found ? { from: at, to: at + 1 + name.length, word: { kind: 'channel', ...found } } : null;
}

function emojiAt(text: string, at: number, around: Surroundings): Found | null {
  EMOJI.lastIndex = at;
  const [typed, name = ''] = EMOJI.exec(text) ?? [''];
  const found = name && around.emoji(name.toLowerCase());
  return found ? { from: at, to: at + typed.length, word: { kind: 'emoji', ...found } } : null;
}

/** Writes the run with what was found in it. */
function replace(run: Run, found: Found[], state: StateCore, result: Token[]): void {
  const push = (type: string, tag: string, nesting: -1 | 0 | 1): Token => {
    const token = new state.Token(type, tag, nesting);
    result.push(token);
    return token;
  };
  const text = (from: number, to: number): void => {
    if (to > from) push('text', '', 0).content = run.text.slice(from, to);
  };
  let end = 0;
  for (const { from, to, word, href } of found) {
    text(end, from);
    if (href) {
      push('link_open', 'a', 1).attrs = [['href', href]];
      text(from, to);
      push('link_close', 'a', -1);
    } else {
      const token = push('word', '', 0);
      token.content = run.text.slice(from, to);
      token.meta = { ...word };
    }
    end = to;
  }
  text(end, run.text.length);
}
