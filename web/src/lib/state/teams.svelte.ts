/** The teams that we belong to, and what can be done with teams. Their channels lie in `channels.svelte.ts`. */
import type { Team, TeamMembership } from '@mattermost/types/teams';
import { SvelteMap } from 'svelte/reactivity';
import { client } from '../api/client';
import { session } from './session.svelte';

class Teams {
  readonly byId = new SvelteMap<string, Team>();
  readonly myMembers = new SvelteMap<string, TeamMembership>();
  loaded = $state(false);

  /** Mine, by name. */
  list = $derived([...this.byId.values()].sort((a, b) => a.display_name.localeCompare(b.display_name)));

  named(name: string): Team | undefined {
    return this.list.find((team) => team.name === name);
  }

  async load(): Promise<void> {
    const [list, members] = await Promise.all([client.getMyTeams(), client.getMyTeamMembers()]);
    this.byId.clear();
    this.myMembers.clear();
    for (const team of list) if (!team.delete_at) this.byId.set(team.id, team);
    for (const member of members) if (!member.delete_at) this.myMembers.set(member.team_id, member);
    this.loaded = true;
  }

  /** Open teams that one may join without an invitation. */
  async joinable(): Promise<Team[]> {
    const list = (await client.getTeams(0, 200)) as Team[];
    return list.filter((team) => team.allow_open_invite && !team.delete_at && !this.byId.has(team.id));
  }

  async create(displayName: string, name: string): Promise<Team> {
    const team = await client.createTeam({ display_name: displayName, name, type: 'O' } as Team);
    await this.#joined(team);
    return team;
  }

  async join(team: Team): Promise<void> {
    await client.addToTeam(team.id, session.myId);
    await this.#joined(team);
  }

  /** Joins by the code of a team, or by what was mailed. */
  async joinByInvite(inviteId: string, token = ''): Promise<Team> {
    const member = token ? await client.addToTeamFromInvite(token) : await client.joinTeam(inviteId);
    const team = await client.getTeam(member.team_id);
    await this.#joined(team);
    return team;
  }

  async patch(teamId: string, change: Partial<Team>): Promise<void> {
    this.set(await client.patchTeam({ ...change, id: teamId }));
  }

  async leave(teamId: string): Promise<void> {
    await client.removeFromTeam(teamId, session.myId);
    this.remove(teamId);
  }

  set(team: Team): void {
    if (team.delete_at) return this.remove(team.id);
    // Events carry no invitation, and the one that we know may be an old one: whoever needs it asks for the team.
    this.byId.set(team.id, team);
  }

  remove(teamId: string): void {
    this.byId.delete(teamId);
    this.myMembers.delete(teamId);
  }

  clear(): void {
    this.byId.clear();
    this.myMembers.clear();
    this.loaded = false;
  }

  async #joined(team: Team): Promise<void> {
    this.set(team);
    const members = await client.getMyTeamMembers();
    for (const member of members) if (!member.delete_at) this.myMembers.set(member.team_id, member);
  }
}

export const teams = new Teams();

/** An address for a team or channel from its display name: `Ops & Bar` becomes `ops-bar`. */
export function slugify(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 60);
}
