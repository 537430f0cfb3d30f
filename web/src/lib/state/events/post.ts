/** Events about posts and their reactions. */
import type { Post } from '@mattermost/types/posts';
import type { ServerEvent } from '../../api/events.generated';
import * as m from '../../messages';
import { channels } from '../channels.svelte';
import { notify } from '../notifications.svelte';
import { outbox } from '../outbox.svelte';
import { posts } from '../posts.svelte';
import { typing } from '../presence.svelte';
import { reading } from '../reading.svelte';
import { recount } from '../recount';
import { session } from '../session.svelte';
import { toasts } from '../toasts.svelte';
import { ui } from '../ui.svelte';
import { asPost, opened } from './objects';

export async function posted({ data }: ServerEvent<'posted'>): Promise<void> {
  const post = asPost(data.post);
  const mentions = data.mentions ? opened(data.mentions) : [];
  // A first message in a new conversation, or in a channel that we were just added to.
  const known = channels.myMembers.has(post.channel_id);
  if (!known) await channels.refresh(post.channel_id).catch(() => {});
  // Counts that were read just now have this post in them already.
  arrive(post, mentions.includes(session.myId), known);
}

/** A post that exists on the server, by event or as the answer to sending it. */
export function arrive(post: Post, mentionsMe: boolean, count = true): void {
  if (post.pending_post_id) outbox.confirm(post.pending_post_id);
  typing.ended(post.channel_id, post.root_id, post.user_id);
  if (!posts.receive(post)) return;
  if (count) channels.countPost(post, mentionsMe);
  reading.arrived(post);
  notify(post, mentionsMe);
}

export function shownToUs({ data }: ServerEvent<'ephemeral_message'>): void {
  posts.receive(asPost(data.post));
}

export function edited({ data }: ServerEvent<'post_edited'>): void {
  posts.change(asPost(data.post));
}

export function deleted({ data }: ServerEvent<'post_deleted'>): void {
  const post = asPost(data.post);
  reading.removed([post, ...posts.repliesTo(post.id)]);
  posts.remove(post);
  recount.need(post.channel_id);
  if (ui.threadId !== post.id) return;
  ui.pane = null;
  toasts.info(m.app_thread_deleted());
}

export function reactionAdded({ data }: ServerEvent<'reaction_added'>): void {
  posts.addReaction(opened(data.reaction));
}

export function reactionRemoved({ data }: ServerEvent<'reaction_removed'>): void {
  posts.removeReaction(opened(data.reaction));
}
