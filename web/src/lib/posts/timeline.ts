/**
 * From a list of posts to the rows that a reader sees: day lines, the line above what is new, posts (those of one author
 * in a row share a head), and one row for replies whose thread is not right above. Pure, so that it can be tested.
 */
import type { Post } from '@mattermost/types/posts';
import { dayKey, daysAfter, startOfDay } from '../time/zone';

export type Row =
  | { kind: 'day'; key: string; at: number }
  | { kind: 'unread'; key: string }
  | { kind: 'post'; key: string; post: Post; compact: boolean }
  | { kind: 'thread'; key: string; rootId: string; replies: Post[] };

export interface TimelineOptions {
  /** Posts of others after this moment are new; null shows no line. */
  unreadAfter: number | null;
  me: string;
  /** Where the reader's days begin. */
  zone: string;
  /** In a thread, replies are shown as posts; in a channel they stand behind their root. */
  inThread: boolean;
}

/** Posts of one author that are closer together than this share one head. */
const GROUP_MS = 5 * 60_000;

export function buildTimeline(posts: readonly Post[], options: TimelineOptions): Row[] {
  const rows: Row[] = [];
  let previous: Post | null = null;
  let today: Day = { key: '', from: 0, to: 0 };
  let unreadDrawn = options.unreadAfter === null;

  for (const post of posts) {
    let broken = rows.length === 0;
    if (post.create_at < today.from || post.create_at >= today.to) {
      today = dayOf(post.create_at, options.zone);
      rows.push({ kind: 'day', key: `day-${today.key}-${post.id}`, at: post.create_at });
      broken = true;
    }
    if (!unreadDrawn && isNew(post, options)) {
      rows.push({ kind: 'unread', key: 'unread' });
      unreadDrawn = broken = true;
    }
    if (post.root_id && !options.inThread) foldReply(rows, post, broken);
    else rows.push(postRow(post, !broken && continues(rows, previous, post)));
    previous = post;
  }
  return rows;
}

/** A day of the reader, from its first moment to that of the next: to ask for each message would take long. */
interface Day {
  key: string;
  from: number;
  to: number;
}

function dayOf(at: number, zone: string): Day {
  const key = dayKey(at, zone);
  return { key, from: startOfDay(key, zone), to: startOfDay(daysAfter(key, 1), zone) };
}

/** The rows of messages, once made: what has not changed is the same object again, and is not drawn anew. */
const made = { compact: new WeakMap<Post, Row>(), whole: new WeakMap<Post, Row>() };

function postRow(post: Post, compact: boolean): Row {
  const known = compact ? made.compact : made.whole;
  const row = known.get(post) ?? { kind: 'post', key: post.id, post, compact };
  known.set(post, row);
  return row;
}

function isNew(post: Post, options: TimelineOptions): boolean {
  return post.user_id !== options.me && post.create_at > (options.unreadAfter ?? Infinity);
}

/** A reply right below its root, or below other replies to it, needs no row of its own: the root's foot counts it. */
function foldReply(rows: Row[], reply: Post, broken: boolean): void {
  const last = broken ? undefined : rows.at(-1);
  if (last?.kind === 'post' && last.post.id === reply.root_id) return;
  if (last?.kind === 'thread' && last.rootId === reply.root_id) last.replies.push(reply);
  else rows.push({ kind: 'thread', key: `thread-${reply.id}`, rootId: reply.root_id, replies: [reply] });
}

function continues(rows: Row[], previous: Post | null, post: Post): boolean {
  const last = rows.at(-1);
  if (!previous || last?.kind !== 'post' || last.post.id !== previous.id) return false;
  if (previous.type !== '' || post.type !== '') return false;
  if (previous.user_id !== post.user_id || displayOverride(previous) !== displayOverride(post)) return false;
  return post.create_at - previous.create_at < GROUP_MS;
}

/** Integrations may post under several names with one account. */
function displayOverride(post: Post): unknown {
  return post.props?.override_username;
}
