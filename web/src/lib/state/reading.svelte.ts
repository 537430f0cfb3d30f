/**
 * What counts as read. A channel is read when it is opened, and stays read while its newest posts are on a screen that
 * somebody looks at. The line above what is new is drawn where reading stopped, and stays until the channel is left. How
 * much of what is new was not in view yet is counted apart: most of it may not be loaded.
 */
import type { Post } from '@mattermost/types/posts';
import { client } from '../api/client';
import { channels } from './channels.svelte';
import { clock } from './clock.svelte';
import { connection } from './connection.svelte';
import { posts } from './posts.svelte';
import { session } from './session.svelte';

const GATHER_MS = 400;

interface Place {
  unreadAfter: number;
  unseen: number;
  seenUntil: number;
}

export class Reading {
  /** The channel on screen. */
  channelId = $state('');
  /** Posts of others after this moment are new; null when nothing is. */
  unreadAfter = $state<number | null>(null);
  /** How many of the new posts were not in view yet. */
  unseen = $state(0);
  /** Whether the end of the channel is in view; told by the message list. */
  atBottom = $state(true);
  /** Whether what is new was there already when the channel was left before. */
  resumed = false;
  #seenUntil = 0;
  /** Where reading stopped in channels that were left before the end of what is new was in view. */
  #stopped = new Map<string, Place>();
  #toTell = new Set<string>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  enter(channelId: string): void {
    this.#tellNow();
    this.#stop();
    const member = channels.myMembers.get(channelId);
    // Without the messages from there on there is nothing to go on with.
    const stopped = posts.window(channelId) && this.#stopped.get(channelId);
    this.resumed = Boolean(stopped);
    this.channelId = channelId;
    this.announce();
    this.atBottom = true;
    this.#seenUntil = stopped?.seenUntil ?? 0;
    const unread = member && channels.unread(channelId).unread;
    const fresh = unread ? (channels.byId.get(channelId)?.total_msg_count ?? 0) - member.msg_count : 0;
    this.unreadAfter = stopped?.unreadAfter ?? (unread ? member.last_viewed_at : null);
    this.unseen = (stopped?.unseen ?? 0) + fresh;
  }

  leave(): void {
    this.#tellNow();
    this.#stop();
    this.channelId = '';
    this.announce();
    this.answered();
  }

  /** Somebody else may come. */
  forget(): void {
    this.#stopped.clear();
  }

  /** Tells the server what is on screen: it then tells us who of those people comes and goes. */
  announce(): void {
    connection.send('presence', { channel_id: this.channelId });
  }

  /** The posts of the channel are on screen now. */
  opened(channelId: string): void {
    if (channelId === this.channelId && clock.focused) this.#view();
  }

  /** Whoever answers has read. */
  answered(): void {
    this.unreadAfter = null;
    this.unseen = 0;
  }

  /** A post arrived in the channel on screen. */
  arrived(post: Post): void {
    if (post.channel_id !== this.channelId) return;
    if (post.user_id === session.myId) {
      // An answer in a thread says nothing of the rest.
      if (!post.root_id) this.answered();
      return;
    }
    if (clock.focused && this.atBottom) return this.#view();
    this.unreadAfter ??= post.create_at - 1;
    this.unseen += 1;
  }

  /** Posts were deleted: those that were not in view yet never will be. */
  removed(list: readonly Post[]): void {
    const { channelId, unreadAfter, unseen } = this;
    const here = { channelId, unreadAfter: unreadAfter ?? Infinity, unseen, seenUntil: this.#seenUntil };
    this.unseen = unseen - countUnseen(list, here);
    for (const [id, place] of this.#stopped) place.unseen -= countUnseen(list, { channelId: id, ...place });
  }

  /** What is in view of the channel on screen: all up to this post, and whether nothing follows it. */
  showed(postId: string, atBottom: boolean): void {
    this.atBottom = atBottom;
    if (!clock.focused) return;
    this.#see(posts.byId.get(postId)?.create_at ?? 0);
    this.looked();
  }

  /** Somebody came back to the window, or scrolled down to the end. */
  looked(): void {
    if (!clock.focused || !this.atBottom) return;
    this.unseen = 0;
    if (channels.unread(this.channelId).unread) this.#view();
  }

  #see(until: number): void {
    const from = Math.max(this.#seenUntil, this.unreadAfter ?? Infinity);
    if (until <= from) return;
    const seen = posts
      .inChannel(this.channelId)
      .filter(({ user_id, create_at }) => user_id !== session.myId && create_at > from && create_at <= until);
    this.unseen = Math.max(0, this.unseen - seen.length);
    this.#seenUntil = until;
  }

  #stop(): void {
    const { channelId, unreadAfter, unseen } = this;
    const seenUntil = this.#seenUntil;
    if (channelId && unreadAfter !== null && unseen > 0)
      this.#stopped.set(channelId, { unreadAfter, unseen, seenUntil });
    else this.#stopped.delete(channelId);
  }

  /** The marks go at once; the server is told once for a burst of posts. */
  #view(): void {
    channels.markRead(this.channelId);
    this.#toTell.add(this.channelId);
    if (!this.#timer) this.#timer = setTimeout(() => this.#tell(), GATHER_MS);
  }

  /** What was read here is told before anything new can come. */
  #tellNow(): void {
    clearTimeout(this.#timer);
    if (this.#timer) this.#tell();
  }

  #tell(): void {
    this.#timer = undefined;
    // If it fails, the next look tells.
    for (const id of this.#toTell) void client.viewMyChannel(id).catch(() => {});
    this.#toTell.clear();
  }
}

export const reading = new Reading();

/** How many of these posts were new in a channel, and not in view yet. */
function countUnseen(
  list: readonly Post[],
  { channelId, unreadAfter, unseen, seenUntil }: Place & { channelId: string },
) {
  const from = Math.max(unreadAfter, seenUntil);
  const fresh = list.filter(
    (post) => post.channel_id === channelId && post.user_id !== session.myId && post.create_at > from,
  );
  return Math.min(unseen, fresh.length);
}
