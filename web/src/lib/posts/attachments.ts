/**
 * The attachments that integrations put into a message (`props.attachments`), made ready to be shown. They are whatever
 * somebody sent, so each part is taken only as what it should be, and as much of it as a reader can bear. Pure but for
 * the base address.
 */
import type { Post } from '@mattermost/types/posts';
import { isBlank } from '../blank';
import { isAddress } from '../markdown/schemes';

export interface Attachment {
  /** As CSS has it; empty for the usual line. */
  color: string;
  pretext: string;
  author: { name: string; link: string; icon: string };
  title: string;
  titleLink: string;
  text: string;
  fields: { title: string; value: string; short: boolean }[];
  image: string;
  thumb: string;
  footer: string;
  footerIcon: string;
  /** When it happened, in milliseconds; 0 where it does not say. */
  at: number;
}

const MOST = 20;
const FIELDS = 40;
const LINE = 500;
const TEXT = 8000;
const COLORS: Record<string, string> = { good: '#00c100', warning: '#dede01', danger: '#e40303' };

export function attachmentsOf(post: Pick<Post, 'props'>): Attachment[] {
  const list: unknown = post.props?.attachments;
  if (!Array.isArray(list)) return [];
  return list.slice(0, MOST).filter(isRecord).map(shape).filter(isSeen);
}

/** What stands for a message in one line. */
export function wordsOf(post: Pick<Post, 'message' | 'props'>): string {
  const [first] = attachmentsOf(post);
  return post.message || first?.title || first?.pretext || first?.text || '';
}

function shape(raw: Record<string, unknown>): Attachment {
  const one = {
    color: colorOf(line(raw.color)),
    pretext: text(raw.pretext),
    author: { name: line(raw.author_name), link: address(raw.author_link), icon: address(raw.author_icon) },
    title: line(raw.title),
    titleLink: address(raw.title_link),
    text: text(raw.text),
    fields: fieldsOf(raw.fields),
    image: address(raw.image_url),
    thumb: address(raw.thumb_url),
    footer: line(raw.footer),
    footerIcon: address(raw.footer_icon),
    at: momentOf(raw.ts ?? raw.timestamp),
  };
  // The fallback is for those who cannot show the rest.
  return isSeen(one) ? one : { ...one, text: text(raw.fallback) };
}

function isSeen({ pretext, author, title, text, fields, image, thumb, footer }: Attachment): boolean {
  return Boolean(pretext || author.name || title || text || fields.length || image || thumb || footer);
}

function fieldsOf(raw: unknown): Attachment['fields'] {
  if (!Array.isArray(raw)) return [];
  return raw
    .slice(0, FIELDS)
    .filter(isRecord)
    .map(({ title, value, short }) => ({
      title: line(title),
      value: text(value),
      short: short === true || short === 'true',
    }))
    .filter(({ title, value }) => title || value);
}

function colorOf(name: string): string {
  if (COLORS[name]) return COLORS[name];
  const digits = /^#?((?:[0-9a-f]{3}){1,2})$/i.exec(name)?.[1];
  return digits ? `#${digits}` : '';
}

/** Seconds, as most senders have it, or milliseconds. */
function momentOf(raw: unknown): number {
  const number = Number(typeof raw === 'string' || typeof raw === 'number' ? raw : 0);
  const at = number > 1e11 ? number : number * 1000;
  return at > 0 && at < 8e15 ? at : 0;
}

function address(raw: unknown): string {
  const found = line(raw, 2048);
  return isAddress(found) ? found : '';
}

function line(raw: unknown, most = LINE): string {
  return cut(words(raw).replace(/\s+/g, ' ').trim(), most);
}

function text(raw: unknown): string {
  return cut(words(raw).trim(), TEXT);
}

function words(raw: unknown): string {
  const text = typeof raw === 'string' || typeof raw === 'number' || typeof raw === 'boolean' ? String(raw) : '';
  return isBlank(text) ? '' : text;
}

function cut(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most - 1).replace(/[\ud800-\udbff]$/, '')}…` : text;
}

function isRecord(raw: unknown): raw is Record<string, unknown> {
  return typeof raw === 'object' && raw !== null && !Array.isArray(raw);
}
