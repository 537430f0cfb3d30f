/**
 * What counts as read. A channel is read when it is opened, and stays read while its newest posts are on a screen that
 * somebody looks at. The line above what is new is drawn where reading stopped, and stays until the channel is left.
 */
import type { Post } from '@mattermost/types/posts';
import { client } from '../api/client';
import { channels } from './channels.svelte';
import { clock } from './clock.svelte';
import { connection } from './connection.svelte';
import { session } from './session.svelte';

const GATHER_MS = 400;

class Reading {
  /** The channel on screen. */
  channelId = $state('');
  /** Posts of others after this moment are new; null when nothing is. */
  unreadAfter = $state<number | null>(null);
  /** Whether the end of the channel is in view; told by the message list. */
  atBottom = $state(true);
  #toTell = new Set<string>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  enter(channelId: string): void {
    this.#tellNow();
    const member = channels.myMembers.get(channelId);
    this.channelId = channelId;
    this.announce();
    this.atBottom = true;
    this.unreadAfter = channels.unread(channelId).unread && member ? member.last_viewed_at : null;
  }

  leave(): void {
    this.#tellNow();
    this.channelId = '';
    this.announce();
    this.unreadAfter = null;
  }

  /** Tells the server what is on screen: it then tells us who of those people comes and goes. */
  announce(): void {
    connection.send('presence', { channel_id: this.channelId });
  }

  /** The posts of the channel are on screen now. */
  opened(channelId: string): void {
    if (channelId === this.channelId && clock.focused) this.#view();
  }

  /** A post arrived in the channel on screen. */
  arrived(post: Post): void {
    if (post.channel_id !== this.channelId) return;
    if (post.user_id === session.myId) {
      // Whoever answers has read.
      this.unreadAfter = null;
      return;
    }
    if (clock.focused && this.atBottom) this.#view();
    else this.unreadAfter ??= post.create_at - 1;
  }

  /** Somebody came back to the window, or scrolled down to the end. */
  looked(): void {
    if (clock.focused && this.atBottom && channels.unread(this.channelId).unread) this.#view();
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
