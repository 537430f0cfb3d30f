/** What the buttons of a message do. The state changes by the answer or the event, whichever comes first. */
import type { Post } from '@mattermost/types/posts';
import { absoluteUrl } from '../../lib/api/base';
import { client } from '../../lib/api/client';
import { emoji } from '../../lib/emoji/emoji.svelte';
import * as m from '../../lib/messages';
import { reactionsOf } from '../../lib/posts/reactions';
import { formatRoute } from '../../lib/router/routes';
import { copyText as put } from '../../lib/state/clipboard';
import { posts } from '../../lib/state/posts.svelte';
import { session } from '../../lib/state/session.svelte';
import { attempt } from '../../lib/state/toasts.svelte';
import { ui } from '../../lib/state/ui.svelte';
import { workspace } from '../../lib/state/workspace.svelte';

/** Adds one's reaction, or takes it back, by whichever name one made it. */
export function react(post: Post, name: string): Promise<boolean> {
  const mine = reactionsOf(post.metadata?.reactions ?? [], session.myId, name, (other) => emoji.key(other));
  return attempt(async () => {
    for (const one of mine) {
      await client.removeReaction(session.myId, post.id, one.emoji_name);
      posts.removeReaction(one);
    }
    if (!mine.length) posts.addReaction(await client.addReaction(session.myId, post.id, name));
  });
}

export function edit(post: Post): void {
  ui.editing = post.id;
}

export function remove(post: Post): void {
  ui.confirm({
    title: m.post_delete_confirm(),
    text: post.root_id || !post.reply_count ? m.post_delete_hint() : m.post_delete_hint_replies(),
    action: m.common_delete(),
    run: async () => {
      await client.deletePost(post.id);
      posts.remove(post);
      if (ui.threadId === post.id) ui.pane = null;
    },
  });
}

export function togglePin(post: Post): void {
  void attempt(async () => {
    if (post.is_pinned) await client.unpinPost(post.id);
    else await client.pinPost(post.id);
    const now = posts.byId.get(post.id);
    if (now) posts.change({ ...now, is_pinned: !post.is_pinned });
  });
}

export function copyLink(post: Post): void {
  if (!workspace.team) return;
  put(
    absoluteUrl(formatRoute({ page: 'permalink', team: workspace.team.name, postId: post.id })),
    m.common_link_copied(),
  );
}

export function copyText(post: Post): void {
  put(post.message, m.post_text_copied());
}
