/** Events about teams, and about our memberships in them. */
import type { ServerEvent } from '../../api/events.generated';
import { channels } from '../channels.svelte';
import { permissions } from '../permissions.svelte';
import { session } from '../session.svelte';
import { teams } from '../teams.svelte';
import { asTeam, opened } from './objects';
import * as places from './places';

export async function joined({ data }: ServerEvent<'added_to_team'>): Promise<void> {
  if (teams.byId.has(data.team_id)) return channels.load();
  await Promise.all([teams.load(), channels.load()]);
}

export function left({ data }: ServerEvent<'leave_team'>): void {
  if (data.user_id === session.myId) places.leftTeam(data.team_id);
}

export function updated({ data }: ServerEvent<'update_team'>): void {
  const team = asTeam(data.team);
  if (teams.byId.has(team.id)) teams.set(team);
}

export function deleted({ data }: ServerEvent<'delete_team'>): void {
  places.leftTeam(opened(data.team).id);
}

export async function memberUpdated(): Promise<void> {
  await teams.load();
  await permissions.load();
}
