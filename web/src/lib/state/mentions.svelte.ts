/** What names the reader in a message, by the settings of the account and of the channel; and those settings. */
import type { ChannelNotifyProps } from '@mattermost/types/channels';
import type { UserNotifyProps } from '@mattermost/types/users';
import { client } from '../api/client';
import { finder, wordsOf } from '../posts/keywords';
import { channels } from './channels.svelte';
import { session } from './session.svelte';

class Mentions {
  #saving: Promise<void> = Promise.resolve();
  readonly props = $derived<Partial<UserNotifyProps>>(session.me?.notify_props ?? {});

  /** Finds the words that the account is named by besides its username; null if there are none. */
  readonly find = $derived(
    finder(
      wordsOf(this.props.mention_keys ?? ''),
      this.props.first_name === 'true' ? (session.me?.first_name ?? '') : '',
    ),
  );

  /** Whether what is said to everybody in a channel is said to the reader; what the channel's settings say counts more. */
  everybody(channelId: string): boolean {
    const ignored = channels.myMembers.get(channelId)?.notify_props?.ignore_channel_mentions ?? 'default';
    return ignored === 'default' ? this.props.channel !== 'false' : ignored === 'off';
  }

  /** Of which messages of a channel this account wants to be told on the desktop. */
  desktop(channelId: string): string {
    const own = channels.myMembers.get(channelId)?.notify_props?.desktop ?? 'default';
    return own === 'default' ? (this.props.desktop ?? 'mention') : own;
  }

  /**
   * Settings that are not told stay as they are. All of them travel together, so one change waits for the answer to the one
   * before it, or it would take that back.
   */
  save(change: Partial<UserNotifyProps>): Promise<void> {
    const saved = this.#saving.then(async () => {
      const notify_props = { ...this.props, ...change } as UserNotifyProps;
      session.update(await client.patchMe({ notify_props }));
    });
    this.#saving = saved.catch(() => {});
    return saved;
  }

  /** The answer comes as an event, to all of one's pages. */
  async saveChannel(channelId: string, change: Partial<ChannelNotifyProps>): Promise<void> {
    await client.updateChannelNotifyProps({ channel_id: channelId, user_id: session.myId, ...change });
  }
}

export const mentions = new Mentions();
