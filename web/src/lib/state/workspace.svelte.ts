/**
 * Which team and channel are on screen, derived from the address, and the ways to get to one. Opening a channel that is
 * not in our lists yet (a link to a public channel, a first conversation with somebody) happens here as well.
 */
import { untrack } from 'svelte';
import type { Team } from '@mattermost/types/teams';
import { client } from '../api/client';
import { ApiError, explain } from '../api/errors';
import * as m from '../messages';
import { router } from '../router/router.svelte';
import type { Route } from '../router/routes';
import { channels, isConversation, teammateId, type Channel } from './channels.svelte';
import { left } from './left';
import { posts } from './posts.svelte';
import { reading } from './reading.svelte';
import { session } from './session.svelte';
import { load, save } from './storage';
import { teams } from './teams.svelte';
import { ui } from './ui.svelte';
import { users } from './users.svelte';

class Workspace {
  team = $derived('team' in router.route ? teams.named(router.route.team) : undefined);
  channelId = $derived(this.#find(router.route));
  channel = $derived(channels.byId.get(this.channelId));
  /** Why the address leads nowhere. */
  problem = $state('');
  /** The channel at the address, where one has left it: to be joined only when one says so. */
  left = $state.raw<Channel | null>(null);
  /** The channel whose messages are on their way. */
  loading = $state('');

  /** Follows an address that needs work before it shows something. Called whenever the route changes. */
  async settle(route: Route): Promise<void> {
    this.problem = '';
    this.left = null;
    try {
      if (route.page === 'unknown') throw new Error(m.app_address_unknown());
      if (route.page === 'team') return this.openTeam(route.team, true);
      if (route.page === 'permalink') return await this.#followPermalink(route.team, route.postId);
      if (untrack(() => this.channelId)) return;
      if (route.page === 'channel') await this.#joinByName(route.team, route.channel);
      if (route.page === 'direct') await channels.converse([(await users.byName(route.username)).id]);
    } catch (error) {
      this.problem = explain(error);
    }
  }

  /** Shows a channel: loads what is missing and marks it as read. */
  async show(channelId: string): Promise<void> {
    this.#remember(channelId);
    if (ui.pane?.kind !== 'search') ui.pane = null;
    ui.editing = '';
    reading.enter(channelId);
    await this.load(channelId);
  }

  /** Loads the messages of the channel on screen, if it needs to. */
  async load(channelId: string): Promise<void> {
    const window = posts.window(channelId);
    const lit = posts.byId.get(ui.highlighted)?.channel_id === channelId;
    if (window?.atEnd || (window && (lit || reading.resumed))) return reading.opened(channelId);
    this.loading = channelId;
    this.problem = '';
    try {
      const { unread } = channels.unread(channelId);
      await posts.open(channelId, session.myId, unread);
      // Whoever wrote meanwhile wants to see that, and not what they had not read.
      const answered = unread && reading.channelId === channelId && reading.unreadAfter === null;
      if (answered && !posts.window(channelId)?.atEnd) await posts.reload(channelId);
      reading.opened(channelId);
    } catch (error) {
      if (this.channelId === channelId) this.problem = explain(error);
    } finally {
      if (this.loading === channelId) this.loading = '';
    }
  }

  /** The connection is back: what could not be loaded without it is tried again. */
  again(): void {
    if (!this.problem) return;
    if (this.channelId) void this.load(this.channelId);
    else void this.settle(router.route);
  }

  /** The channel of a team that was open last, or the one that every team has. */
  openTeam(name: string, replace = false): void {
    const team = teams.named(name);
    if (!team) {
      this.problem = m.app_team_unknown();
      return;
    }
    const last = load<string>(`last:${session.myId}:${team.id}`, '');
    const channel =
      channels.mine.find(({ id }) => id === last) ??
      channels.named(team.id, 'town-square') ??
      channels.ofTeam(team.id)[0];
    if (channel) return router.go(routeOf(channel, team), { replace });
    this.problem = m.app_no_channel_yet();
    if (router.route.page !== 'team') router.go({ page: 'team', team: name }, { replace });
  }

  /** Where to go when the address names nothing: the team of last time, or the place to choose one. */
  home(): void {
    const last = teams.byId.get(load<string>(`last-team:${session.myId}`, '')) ?? teams.list[0];
    if (last) this.openTeam(last.name, true);
    else router.go({ page: 'select-team' }, { replace: true });
  }

  go(channel: Channel): void {
    const team = teams.byId.get(channel.team_id) ?? this.team ?? teams.list[0];
    if (team) router.go(routeOf(channel, team));
    ui.sidebarOpen = false;
  }

  /** The next or previous channel of the sidebar, for the keyboard. */
  step(by: 1 | -1, onlyUnread: boolean): void {
    const list = [...channels.ofTeam(this.team?.id ?? ''), ...channels.conversations(this.channelId)];
    const from = list.findIndex((channel) => channel.id === this.channelId);
    for (let n = 1; n <= list.length; n++) {
      const channel = list[(from + by * n + list.length * 2) % list.length];
      if (channel && (!onlyUnread || channels.unread(channel.id).unread)) return this.go(channel);
    }
  }

  #find(route: Route): string {
    const team = this.team;
    if (!team) return '';
    if (route.page === 'channel') return channels.named(team.id, route.channel)?.id ?? '';
    if (route.page !== 'direct') return '';
    const user = users.named(route.username);
    return channels.mine.find((channel) => user && teammateId(channel) === user.id)?.id ?? '';
  }

  async #joinByName(teamName: string, name: string): Promise<void> {
    const team = teams.named(teamName);
    if (!team) throw new Error(m.app_team_unknown());
    await this.#enter((await client.getChannelByName(team.id, name)) as Channel);
  }

  /** Joins a channel for whoever follows its address. Going back in the history is no wish to join again. */
  async #enter(channel: Channel): Promise<void> {
    if (!left.has(channel.id)) return channels.join(channel);
    this.left = channel;
    throw new Error(m.app_channel_left({ channel: channel.display_name }));
  }

  /** Into the channel that one has left, and on to what the address means in it. */
  async rejoin(): Promise<void> {
    if (this.left) await channels.join(this.left);
    await this.settle(router.route);
  }

  async #followPermalink(teamName: string, postId: string): Promise<void> {
    const post = await client.getPost(postId).catch((error) => {
      if (!(error instanceof ApiError) || error.status >= 500) throw error;
      throw new Error(m.app_message_unknown());
    });
    let channel = channels.byId.get(post.channel_id);
    if (!channel) {
      channel = (await client.getChannel(post.channel_id)) as Channel;
      await this.#enter(channel);
    }
    const team = teams.byId.get(channel.team_id) ?? teams.named(teamName);
    if (!team) return;
    await this.reveal(postId, post.root_id, channel, team);
  }

  /** Shows a post in its place: in its channel, or in its thread beside it. */
  async reveal(postId: string, rootId: string, channel: Channel, team: Team): Promise<void> {
    const anchor = rootId || postId;
    if (!posts.window(channel.id)?.ids.includes(anchor)) await posts.openAround(channel.id, anchor);
    ui.highlight(postId);
    if (ui.paneCovers) ui.pane = null;
    router.go(routeOf(channel, team), { replace: router.route.page === 'permalink' });
    // The change of the channel closes the pane; open it after that.
    if (rootId) setTimeout(() => ui.openThread(rootId, channel.id));
  }

  #remember(channelId: string): void {
    if (!this.team) return;
    save(`last-team:${session.myId}`, this.team.id);
    save(`last:${session.myId}:${this.team.id}`, channelId);
  }
}

export const workspace = new Workspace();

/** The address of a channel as seen from a team. */
export function routeOf(channel: Channel, team: Pick<Team, 'name'>): Route {
  if (!isConversation(channel)) return { page: 'channel', team: team.name, channel: channel.name };
  const mate = users.get(teammateId(channel));
  if (mate) return { page: 'direct', team: team.name, username: mate.username };
  return { page: 'channel', team: team.name, channel: channel.name };
}
