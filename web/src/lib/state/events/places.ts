/** Where one is, as events change it: in teams, in channels, and as what. */
import { channels } from '../channels.svelte';
import { permissions } from '../permissions.svelte';
import { posts } from '../posts.svelte';
import { teams } from '../teams.svelte';
import { toasts } from '../toasts.svelte';
import { workspace } from '../workspace.svelte';

/** Where we are, and as what: our roles are others now. */
export async function read(): Promise<void> {
  await Promise.all([teams.load(), channels.load()]);
  await permissions.load();
}

/** Told only to who had it on screen. */
export function leftChannel(id: string, note: string): void {
  const onScreen = workspace.channelId === id;
  const team = workspace.team;
  channels.remove(id);
  posts.forget(id);
  if (!onScreen) return;
  if (note) toasts.info(note);
  if (team) workspace.openTeam(team.name, true);
}

export function leftTeam(teamId: string): void {
  const onScreen = workspace.team?.id === teamId;
  for (const channel of channels.ofTeam(teamId)) {
    channels.remove(channel.id);
    posts.forget(channel.id);
  }
  teams.remove(teamId);
  if (onScreen) workspace.home();
}
