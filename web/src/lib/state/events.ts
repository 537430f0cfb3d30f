/**
 * From the socket to the state: every event that changes something on screen, in one table. Nested objects travel as
 * JSON in strings. Events that we do not know are none of our business.
 */
import type { ChannelMembership } from '@mattermost/types/channels';
import type { CustomEmoji } from '@mattermost/types/emojis';
import type { Post } from '@mattermost/types/posts';
import type { PreferenceType } from '@mattermost/types/preferences';
import type { Reaction } from '@mattermost/types/reactions';
import type { Role } from '@mattermost/types/roles';
import type { Team } from '@mattermost/types/teams';
import type { UserProfile } from '@mattermost/types/users';
import { client } from '../api/client';
import type { SocketEvent } from '../api/socket';
import { emoji } from '../emoji/emoji.svelte';
import * as m from '../messages';
import { channels, type Channel } from './channels.svelte';
import { left } from './left';
import { notify } from './notifications.svelte';
import { outbox } from './outbox.svelte';
import { permissions } from './permissions.svelte';
import { posts } from './posts.svelte';
import { preferences } from './preferences.svelte';
import { presence, typing } from './presence.svelte';
import { reading } from './reading.svelte';
import { recount } from './recount';
import { session } from './session.svelte';
import { teams } from './teams.svelte';
import { toasts } from './toasts.svelte';
import { ui } from './ui.svelte';
import { users } from './users.svelte';
import { workspace } from './workspace.svelte';

type Handler = (event: SocketEvent) => void | Promise<void>;

const handlers: Record<string, Handler> = {
  posted: async (event) => {
    const post = nested<Post>(event.data.post);
    if (!post) return;
    const mentions = nested<string[]>(event.data.mentions) ?? [];
    // A first message in a new conversation, or in a channel that we were just added to.
    const known = channels.myMembers.has(post.channel_id);
    if (!known) await channels.refresh(post.channel_id).catch(() => {});
    // Counts that were read just now have this post in them already.
    arrive(post, mentions.includes(session.myId), known);
  },
  ephemeral_message: (event) => {
    const post = nested<Post>(event.data.post);
    if (post) posts.receive(post);
  },
  post_edited: (event) => {
    const post = nested<Post>(event.data.post);
    if (post) posts.change(post);
  },
  post_deleted: (event) => {
    const post = nested<Post>(event.data.post);
    if (!post) return;
    reading.removed([post, ...posts.repliesTo(post.id)]);
    posts.remove(post);
    recount.need(post.channel_id);
    if (ui.threadId === post.id) {
      ui.pane = null;
      toasts.info(m.app_thread_deleted());
    }
  },
  reaction_added: (event) => {
    const reaction = nested<Reaction>(event.data.reaction);
    if (reaction) posts.addReaction(reaction);
  },
  reaction_removed: (event) => {
    const reaction = nested<Reaction>(event.data.reaction);
    if (reaction) posts.removeReaction(reaction);
  },
  typing: ({ data, broadcast }) => {
    const userId = text(data.user_id);
    if (userId === session.myId) return;
    users.need([userId]);
    typing.heard(broadcast.channel_id ?? '', text(data.parent_id), userId);
  },
  status_change: ({ data }) => presence.set(text(data.user_id), text(data.status)),
  statuses_change: ({ data }) => {
    for (const [userId, status] of Object.entries(data.statuses ?? {})) presence.set(userId, text(status));
  },

  channel_created: ({ data }) => channels.refresh(text(data.channel_id)),
  channel_updated: (event) => {
    const channel = nested<Channel>(event.data.channel);
    if (channel && channels.myMembers.has(channel.id)) channels.set(channel);
    else if (event.data.channel_id) return channels.refresh(text(event.data.channel_id));
  },
  channel_converted: ({ data }) => channels.refresh(text(data.channel_id)),
  channel_restored: ({ data }) => channels.refresh(text(data.channel_id)),
  channel_deleted: ({ data }) => {
    const id = text(data.channel_id);
    const channel = channels.byId.get(id);
    if (channel && channels.myMembers.has(id))
      leftChannel(id, m.app_channel_archived({ channel: channel.display_name }));
  },
  channel_member_updated: (event) => {
    const member = nested<ChannelMembership>(event.data.channelMember);
    const known = member && channels.myMembers.get(member.channel_id);
    if (!member || !known) return;
    channels.myMembers.set(member.channel_id, { ...known, ...member });
    return permissions.load();
  },
  direct_added: ({ broadcast }) => channels.refresh(broadcast.channel_id ?? ''),
  group_added: ({ broadcast }) => channels.refresh(broadcast.channel_id ?? ''),
  user_added: ({ data, broadcast }) => {
    if (text(data.user_id) === session.myId) return channels.refresh(broadcast.channel_id ?? '');
  },
  user_removed: ({ data, broadcast }) => {
    const mine = !data.user_id || data.user_id === session.myId;
    const id = text(data.channel_id) || (broadcast.channel_id ?? '');
    if (!mine || !channels.myMembers.has(id)) return;
    // Whoever left by themselves knows.
    const title = channels.byId.get(id)?.display_name ?? '';
    leftChannel(id, left.has(id) ? '' : m.app_channel_removed({ title }));
    left.add(id);
  },
  channel_viewed: ({ data }) => channels.markRead(text(data.channel_id)),
  multiple_channels_viewed: ({ data }) => {
    const times = (data.channel_times ?? {}) as Record<string, number>;
    for (const [id, at] of Object.entries(times)) channels.markRead(id, at);
  },
  post_unread: ({ data, broadcast }) => {
    const member = channels.myMembers.get(broadcast.channel_id ?? '');
    if (!member) return;
    const { msg_count, mention_count, last_viewed_at } = data as Record<string, number>;
    channels.myMembers.set(member.channel_id, {
      ...member,
      msg_count: msg_count ?? member.msg_count,
      mention_count: mention_count ?? member.mention_count,
      last_viewed_at: last_viewed_at ?? member.last_viewed_at,
    });
  },

  added_to_team: async ({ data }) => {
    if (teams.byId.has(text(data.team_id))) return channels.load();
    await Promise.all([teams.load(), channels.load()]);
  },
  leave_team: ({ data }) => {
    if (text(data.user_id) === session.myId) leftTeam(text(data.team_id));
  },
  // The roles of everybody in it have other names now.
  update_team_scheme: readPlaces,
  channel_scheme_updated: async ({ data, broadcast }) => {
    await channels.refresh(text(data.channel_id) || (broadcast.channel_id ?? ''));
    await permissions.load();
  },
  update_team: (event) => {
    const team = nested<Team>(event.data.team);
    if (team && teams.byId.has(team.id)) teams.set(team);
  },
  delete_team: (event) => {
    const team = nested<Team>(event.data.team);
    if (team) leftTeam(team.id);
  },
  memberrole_updated: async () => {
    await teams.load();
    await permissions.load();
  },
  emoji_added: (event) => {
    const added = nested<CustomEmoji>(event.data.emoji);
    if (added) emoji.add([added]);
  },
  role_updated: (event) => {
    const role = nested<Role>(event.data.role);
    if (role) permissions.set(role);
  },

  new_user: () => users.met(),
  user_updated: ({ data }) => {
    const user = data.user as UserProfile | undefined;
    if (!user?.id) return;
    users.add([user]);
    if (user.id === session.myId) session.update(user);
  },
  user_role_updated: async ({ data }) => {
    if (text(data.user_id) !== session.myId) return;
    session.update(await client.getMe());
    // Who becomes a guest is one in all places.
    await readPlaces();
  },
  preferences_changed: (event) => preferences.set(nested<PreferenceType[]>(event.data.preferences) ?? []),
  preferences_deleted: (event) => preferences.unset(nested<PreferenceType[]>(event.data.preferences) ?? []),
  config_changed: ({ data }) => {
    if (data.config) session.config = { ...session.config, ...(data.config as Record<string, string>) };
  },
};

/** Hands an event to whom it concerns. What fails is left as it was; the next resynchronisation puts it right. */
export function dispatch(event: SocketEvent): void {
  void Promise.resolve(handlers[event.event]?.(event)).catch(() => {});
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

/** Where we are, and as what: our roles are others now. */
async function readPlaces(): Promise<void> {
  await Promise.all([teams.load(), channels.load()]);
  await permissions.load();
}

/** Told only to who had it on screen. */
function leftChannel(id: string, note: string): void {
  const onScreen = workspace.channelId === id;
  const team = workspace.team;
  channels.remove(id);
  posts.forget(id);
  if (!onScreen) return;
  if (note) toasts.info(note);
  if (team) workspace.openTeam(team.name, true);
}

function leftTeam(teamId: string): void {
  const onScreen = workspace.team?.id === teamId;
  for (const channel of channels.ofTeam(teamId)) {
    channels.remove(channel.id);
    posts.forget(channel.id);
  }
  teams.remove(teamId);
  if (onScreen) workspace.home();
}

/** An object in a string; servers differ, so an object as such is fine too. */
function nested<T>(value: unknown): T | null {
  if (typeof value !== 'string') return (value as T | undefined) ?? null;
  try {
    return JSON.parse(value) as T;
  } catch {
    return null;
  }
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
