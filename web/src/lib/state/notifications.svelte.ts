/**
 * Desktop notifications, for mentions and direct messages (or what else the settings of account and channel say) while nobody looks at
 * the window. Off until switched on in the settings, because browsers ask for permission and people should know why.
 */
import type { Post } from '@mattermost/types/posts';
import { snippet } from '../markdown/plain';
import * as m from '../messages';
import { wordsOf } from '../posts/attachments';
import { channels, channelTitle, isConversation } from './channels.svelte';
import { clock } from './clock.svelte';
import { mentions } from './mentions.svelte';
import { reading } from './reading.svelte';
import { session } from './session.svelte';
import { presence } from './presence.svelte';
import { load, save } from './storage';
import { displayName, users } from './users.svelte';
import { workspace } from './workspace.svelte';

class Notifications {
  #on = $state(load('notifications', false));

  get supported(): boolean {
    return 'Notification' in window;
  }

  get on(): boolean {
    return this.#on && this.supported && Notification.permission === 'granted';
  }

  async set(on: boolean): Promise<void> {
    const granted = on && this.supported && (await Notification.requestPermission()) === 'granted';
    this.#on = granted;
    save('notifications', granted);
  }
}

export const notifications = new Notifications();

/** Tells of a post that just arrived, if it is worth an interruption. */
export function notify(post: Post, mentionsMe: boolean): void {
  const channel = channels.byId.get(post.channel_id);
  if (!channel || !notifications.on || post.user_id === session.myId || post.type !== '') return;
  const wanted = mentions.desktop(channel.id);
  if (wanted === 'none' || (wanted !== 'all' && !mentionsMe && !isConversation(channel))) return;
  if (channels.isMuted(channel.id) && !mentionsMe) return;
  if (clock.focused && reading.channelId === channel.id) return;
  if (presence.get(session.myId) === 'dnd') return;
  const from = displayName(users.get(post.user_id));
  const title = isConversation(channel) ? from : m.notify_title({ name: from, channel: channelTitle(channel) });
  const sent = post.file_ids?.length ? m.notify_sent_file() : m.notify_sent_message();
  const note = new Notification(title, { body: snippet(wordsOf(post), 200) || sent, tag: channel.id });
  note.onclick = () => {
    window.focus();
    workspace.go(channel);
    note.close();
  };
}
