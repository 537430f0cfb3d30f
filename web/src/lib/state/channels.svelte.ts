/**
 * Channels and our memberships in them, by id, with the unread counts that follow from both. What is read and when lies
 * in `reading.svelte.ts`; posts in `posts.svelte.ts`.
 */
import type { ChannelMembership, ChannelType, ServerChannel } from '@mattermost/types/channels';
import type { Post } from '@mattermost/types/posts';
import { SvelteMap } from 'svelte/reactivity';
import { client } from '../api/client';
import { isBlank } from '../blank';
import * as m from '../messages';
import { groups } from './groups.svelte';
import { left } from './left';
import { preferences } from './preferences.svelte';
import { session } from './session.svelte';
import { displayName, users } from './users.svelte';

export type Channel = ServerChannel;
export interface Unread {
  unread: boolean;
  mentions: number;
}

class Channels {
  readonly byId = new SvelteMap<string, Channel>();
  readonly myMembers = new SvelteMap<string, ChannelMembership>();
  loaded = $state(false);
  #asked = new Map<string, number>();

  /** Everything that we are a member of. */
  mine = $derived([...this.byId.values()].filter((channel) => this.myMembers.has(channel.id) && !channel.delete_at));

  mentionTotal = $derived(this.mine.reduce((sum, channel) => sum + this.unread(channel.id).mentions, 0));

  /** All channels of all teams in two requests. */
  async load(): Promise<void> {
    const [list, members] = await Promise.all([
      client.getAllTeamsChannels(),
      client.getAllChannelsMembers(session.myId, -1),
    ]);
    this.byId.clear();
    this.myMembers.clear();
    for (const member of members) this.myMembers.set(member.channel_id, member);
    for (const channel of list) this.byId.set(channel.id, channel);
    this.#meet(this.mine);
    this.loaded = true;
  }

  /** Reads one channel and our membership, when an event says that something about them changed. */
  async refresh(channelId: string): Promise<void> {
    const turn = (this.#asked.get(channelId) ?? 0) + 1;
    this.#asked.set(channelId, turn);
    const [channel, member] = await Promise.all([client.getChannel(channelId), client.getMyChannelMember(channelId)]);
    // Answers may overtake each other; only the one that was asked for last counts.
    if (this.#asked.get(channelId) !== turn) return;
    // A last notice from an archived channel does not bring it back.
    if (channel.delete_at) return;
    this.set(channel as Channel);
    this.myMembers.set(channelId, member);
    left.delete(channelId);
    this.#meet([channel as Channel]);
  }

  /** Public and private channels of a team, by name. */
  ofTeam(teamId: string): Channel[] {
    return this.mine
      .filter((channel) => channel.team_id === teamId)
      .sort((a, b) => a.display_name.localeCompare(b.display_name));
  }

  /** Conversations that belong in the sidebar, the most recent first. */
  conversations(currentId: string): Channel[] {
    return this.mine
      .filter((channel) => isConversation(channel) && (channel.id === currentId || this.#shown(channel)))
      .sort((a, b) => b.last_post_at - a.last_post_at || a.id.localeCompare(b.id));
  }

  named(teamId: string, name: string): Channel | undefined {
    return this.mine.find((c) => c.name === name && (c.team_id === teamId || (isConversation(c) && !c.team_id)));
  }

  unread(channelId: string): Unread {
    const channel = this.byId.get(channelId);
    const member = this.myMembers.get(channelId);
    if (!channel || !member) return { unread: false, mentions: 0 };
    const mentions = member.mention_count;
    return {
      unread: mentions > 0 || (!this.isMuted(channelId) && channel.total_msg_count > member.msg_count),
      mentions,
    };
  }

  /** Whether only mentions count there. */
  isMuted(channelId: string): boolean {
    return this.myMembers.get(channelId)?.notify_props?.mark_unread === 'mention';
  }

  /** The answer comes as an event, to all of one's pages. */
  async mute(channelId: string, muted: boolean): Promise<void> {
    const mark_unread = muted ? 'mention' : 'all';
    await client.updateChannelNotifyProps({ channel_id: channelId, user_id: session.myId, mark_unread });
  }

  teamUnread(teamId: string): Unread {
    return this.mine
      .filter((channel) => channel.team_id === teamId)
      .map((channel) => this.unread(channel.id))
      .reduce((a, b) => ({ unread: a.unread || b.unread, mentions: a.mentions + b.mentions }), {
        unread: false,
        mentions: 0,
      });
  }

  /** A post arrived: the counters move as the server moved its own. */
  countPost(post: Post, mentionsMe: boolean): void {
    const channel = this.byId.get(post.channel_id);
    const member = this.myMembers.get(post.channel_id);
    if (!channel) return;
    const counted = !isJoinLeave(post.type);
    const last_post_at = Math.max(channel.last_post_at, post.create_at);
    this.byId.set(channel.id, { ...channel, last_post_at, total_msg_count: channel.total_msg_count + Number(counted) });
    if (!member || !counted) return;
    if (post.user_id === session.myId) {
      this.myMembers.set(channel.id, { ...member, msg_count: member.msg_count + 1 });
    } else if (mentionsMe || channel.type === 'D' || channel.type === 'G') {
      this.myMembers.set(channel.id, { ...member, mention_count: member.mention_count + 1 });
    }
  }

  /** Read as far as we know of the channel, or as far as the server says: a post that is on its way is still new. */
  markRead(channelId: string, until?: number): void {
    const channel = this.byId.get(channelId);
    const member = this.myMembers.get(channelId);
    if (!channel || !member) return;
    const at = until ?? channel.last_post_at;
    this.myMembers.set(channelId, {
      ...member,
      msg_count: channel.total_msg_count,
      mention_count: 0,
      last_viewed_at: Math.max(member.last_viewed_at, at),
    });
  }

  async create(teamId: string, type: ChannelType, display: string, name: string, purpose: string): Promise<Channel> {
    const channel = await client.createChannel({ team_id: teamId, type, display_name: display, name, purpose });
    await this.#entered(channel);
    return channel;
  }

  async join(channel: Channel): Promise<void> {
    await client.addToChannel(session.myId, channel.id);
    await this.#entered(channel);
  }

  /** A conversation with one person or several; with one's own id alone, a place for notes. */
  async converse(userIds: readonly string[]): Promise<Channel> {
    const others = userIds.filter((id) => id !== session.myId);
    const channel =
      others.length > 1
        ? await client.createGroupChannel([session.myId, ...others])
        : await client.createDirectChannel([session.myId, others[0] ?? session.myId]);
    await this.#entered(channel);
    await preferences.save(
      channel.type === 'D' ? 'direct_channel_show' : 'group_channel_show',
      showKey(channel),
      'true',
    );
    return channel;
  }

  async hide(channel: Channel): Promise<void> {
    await preferences.save(
      channel.type === 'D' ? 'direct_channel_show' : 'group_channel_show',
      showKey(channel),
      'false',
    );
  }

  async leave(channelId: string): Promise<void> {
    // Before the answer: the event that says so may be faster.
    left.add(channelId);
    try {
      await client.removeFromChannel(session.myId, channelId);
    } catch (error) {
      left.delete(channelId);
      throw error;
    }
    this.remove(channelId);
  }

  set(channel: Channel): void {
    const known = this.byId.get(channel.id);
    // An update may tell of an older count than the one that we have counted to.
    const total_msg_count = Math.max(channel.total_msg_count ?? 0, known?.total_msg_count ?? 0);
    this.byId.set(channel.id, { ...known, ...channel, total_msg_count });
  }

  remove(channelId: string): void {
    this.myMembers.delete(channelId);
    this.byId.delete(channelId);
  }

  clear(): void {
    this.byId.clear();
    this.myMembers.clear();
    this.loaded = false;
  }

  async #entered(channel: Channel): Promise<void> {
    left.delete(channel.id);
    this.myMembers.set(channel.id, await client.getMyChannelMember(channel.id));
    this.set(channel);
    this.#meet([channel]);
  }

  /** Asks for those after whom conversations are called. */
  #meet(list: readonly Channel[]): void {
    users.need(list.map(teammateId));
    groups.need(list.filter(({ type }) => type === 'G').map(({ id }) => id));
  }

  #shown(channel: Channel): boolean {
    const choice = preferences.get(
      channel.type === 'D' ? 'direct_channel_show' : 'group_channel_show',
      showKey(channel),
    );
    if (this.unread(channel.id).unread) return true;
    return choice === undefined ? channel.last_post_at > 0 : choice === 'true';
  }
}

export const channels = new Channels();

export function isConversation(channel: Channel): boolean {
  return channel.type === 'D' || channel.type === 'G';
}

/** The other person of a direct conversation (oneself, when it is with oneself); empty for all else. */
export function teammateId(channel: Channel): string {
  if (channel.type !== 'D') return '';
  const [first = '', second = ''] = channel.name.split('__');
  return first === session.myId ? second : first;
}

/** What a channel is called on screen. */
export function channelTitle(channel: Channel): string {
  if (channel.type === 'D') {
    const id = teammateId(channel);
    const name = displayName(users.get(id));
    return id === session.myId ? m.members_you({ name }) : name;
  }
  if (channel.type === 'G') {
    const mine = session.me?.username;
    const members = groups.members(channel.id)?.filter((id) => id !== session.myId);
    const names = members?.map((id) => displayName(users.get(id))).sort((a, b) => a.localeCompare(b));
    return (names ?? channel.display_name.split(', ').filter((name) => name !== mine)).join(', ');
  }
  return isBlank(channel.display_name) ? channel.name : channel.display_name;
}

function showKey(channel: Channel): string {
  return channel.type === 'D' ? teammateId(channel) : channel.id;
}

/** Comings and goings do not count as messages, here as on the server. */
function isJoinLeave(type: string): boolean {
  return /^system_(join|leave|add|remove)_/.test(type) || type === 'system_add_guest_to_chan';
}
