/**
 * People whom one has named in a channel that they are not in. The server tells them nothing, so whoever wrote is told,
 * and can let them in.
 */
import type { Post } from '@mattermost/types/posts';
import type { UserProfile } from '@mattermost/types/users';
import { client } from '../api/client';
import { named } from '../posts/mentions';
import { channels, isConversation } from './channels.svelte';
import { users } from './users.svelte';

class Outsiders {
  /** In which channel, and who; of the last message only. Who of them is in its team can be let in. */
  found = $state.raw<{ channelId: string; people: UserProfile[]; addable: string[] } | null>(null);

  /** Looks at a message that one has just sent. */
  async look(post: Post): Promise<void> {
    this.clear();
    const channel = channels.byId.get(post.channel_id);
    const names = named(post.message);
    if (!channel || isConversation(channel) || !names.length) return;
    const people = await profiles(names);
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

async function profiles(names: string[]): Promise<UserProfile[]> {
  const strange = names.filter((name) => !users.named(name));
  if (strange.length) users.add(await client.getProfilesByUsernames(strange));
  return names
    .map((name) => users.named(name))
    .filter((user) => user !== undefined && !user.delete_at) as UserProfile[];
}
