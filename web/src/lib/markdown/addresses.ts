/** Bare addresses in a text: where they begin and end. Pure, and linear in what is read. */
import { isCustom } from './schemes';

export interface Span {
  from: number;
  to: number;
  href: string;
}

/** How far a scheme, and the local part of an address of mail, may reach back. */
const BACK = 64;
/** With two slashes and a host behind the scheme. */
const HOSTED = new Set(['http', 'https', 'ftp', 'ssh']);
/** What ends an address wherever it stands: blanks, quotes, brackets of tags, and the punctuation of full-width scripts. */
const ENDS = /[\s\p{Cc}<>"`\\^{}|“”‘’«»、。〈-】〔-〟…！＂＇（），．：；＜＞？［］｛｝｡｢｣､]/u;
/** What ends a sentence rather than an address. */
const TRAILING = new Set("?!.,:;*_~'&([");
/** What must follow, so that nothing is read to its end in vain. */
const HOST = /\/\/(?:[^\s/?#@[\]<>]{0,256}@)?(?:\[[0-9a-f:.]{2,45}\]|[\p{L}\p{N}])/iuy;
const MAIL = /[a-z0-9.!#$%&'*+/=?^_{}~-]{1,64}@(?:[a-z0-9-]{1,63}\.)+[a-z0-9]/iy;
const PHONE = /\+?[0-9(][0-9().\-/]{1,30}[0-9]/y;
const WWW = /www\.[\p{L}\p{N}_-]+\.[\p{L}\p{N}]/iuy;
const DOMAIN = /[a-z0-9][a-z0-9-]{0,62}(?:\.[a-z0-9][a-z0-9-]{0,62})+/iy;

/** The address whose scheme ends at this colon; `least` is where it may begin at the earliest. */
export function addressAt(src: string, colon: number, least: number): Span | null {
  let first = colon;
  while (first > Math.max(least, colon - BACK) && /[a-z0-9+.-]/i.test(src.charAt(first - 1))) first--;
  for (let from = first; from < colon; from++) {
    if (/[a-z0-9]/i.test(src.charAt(from - 1))) continue;
    const scheme = src.slice(from, colon).toLowerCase();
    const to = isKnown(scheme) ? endOfScheme(scheme, src, colon + 1) : 0;
    if (to) return { from, to, href: src.slice(from, to) };
  }
  return null;
}

/** The address that begins with the `www.` that stands here. */
export function wwwAt(src: string, from: number): Span | null {
  if (/[a-z0-9_@/.-]/i.test(src.charAt(from - 1)) || !stands(WWW, src, from)) return null;
  const to = endOf(src, from);
  return { from, to, href: `http://${src.slice(from, to)}` };
}

/** The address of mail around this `@`. */
export function mailAt(src: string, at: number, least: number): Span | null {
  let from = at;
  while (from > Math.max(least, at - BACK) && /[a-z0-9._+-]/i.test(src.charAt(from - 1))) from--;
  const domain = from < at && stands(DOMAIN, src, at + 1);
  if (!domain) return null;
  const to = at + 1 + domain.length;
  return /[@_]/.test(src.charAt(to)) ? null : { from, to, href: `mailto:${src.slice(from, to)}` };
}

function isKnown(scheme: string): boolean {
  return HOSTED.has(scheme) || scheme === 'mailto' || scheme === 'tel' || isCustom(scheme);
}

/** Where the address ends of which the scheme ends here; 0 if nothing of the kind follows. */
function endOfScheme(scheme: string, src: string, at: number): number {
  if (HOSTED.has(scheme)) return stands(HOST, src, at) ? endOf(src, at) : 0;
  if (scheme === 'mailto') return stands(MAIL, src, at) ? endOf(src, at) : 0;
  if (scheme === 'tel') return at + (stands(PHONE, src, at)?.length ?? -at);
  const to = endOf(src, at);
  return to > at ? to : 0;
}

function stands(pattern: RegExp, src: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(src)?.[0];
}

/**
 * Where an address ends that goes on here. Brackets that are opened and closed within belong to it, over its whole
 * length; one that closes what was opened before ends it.
 */
function endOf(src: string, from: number): number {
  const open: string[] = [];
  let to = from;
  for (; to < src.length; to++) {
    const sign = src.charAt(to);
    if (ENDS.test(sign)) break;
    if (sign === '(' || sign === '[') open.push(sign === '(' ? ')' : ']');
    else if ((sign === ')' || sign === ']') && open.pop() !== sign) break;
  }
  while (to > from && TRAILING.has(src.charAt(to - 1))) to--;
  return to;
}
