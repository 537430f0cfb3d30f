/**
 * People whom one has named in a channel that they are not in. The server tells them nothing, so whoever wrote is told,
 * and can let them in.
 */
import type { Post } from '@mattermost/types/posts';
import type { UserProfile } from '@mattermost/types/users';
import { client } from '../api/client';
import { candidates, mentioned } from '../posts/mentions';
import { channels, isConversation } from './channels.svelte';
import { users } from './users.svelte';

/** Names that are asked for, of one message. */
const MOST = 50;

class Outsiders {
  /** In which channel, and who; of the last message only. Who of them is in its team can be let in. */
  found = $state.raw<{ channelId: string; people: UserProfile[]; addable: string[] } | null>(null);

  /** Looks at a message that one has just sent. */
  async look(post: Post): Promise<void> {
    this.clear();
    const channel = channels.byId.get(post.channel_id);
    const names = candidates(post.message).slice(0, MOST);
    if (!channel || isConversation(channel) || !names.length) return;
    await learn(names);
    const people = mentioned(post.message, (name) => Boolean(users.named(name)))
      .map((name) => users.named(name))
      .filter((user) => user && !user.delete_at) as UserProfile[];
    if (!people.length) return;
    const ids = people.map(({ id }) => id);
    const inside = new Set((await client.getChannelMembersByIds(channel.id, ids)).map(({ user_id }) => user_id));
    const outside = people.filter(({ id }) => !inside.has(id));
    if (!outside.length) return;
    const team = await client.getTeamMembersByIds(
      channel.team_id,
      outside.map(({ id }) => id),
    );
    this.found = { channelId: channel.id, people: outside, addable: team.map(({ user_id }) => user_id) };
  }

  async add(): Promise<void> {
    const { found } = this;
    for (const id of found?.addable ?? []) await client.addToChannel(id, found!.channelId);
    if (this.found === found) this.clear();
  }

  clear(): void {
    this.found = null;
  }
}

export const outsiders = new Outsiders();

async function learn(names: string[]): Promise<void> {
  const strange = names.filter((name) => !users.named(name));
  if (strange.length) users.add(await client.getProfilesByUsernames(strange));
}
