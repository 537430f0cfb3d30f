/** Events about accounts, ours and others', and about what an account has: roles, preferences, presence, custom emoji. */
import { client } from '../../api/client';
import type { ServerEvent } from '../../api/events.generated';
import { emoji } from '../../emoji/emoji.svelte';
import { permissions } from '../permissions.svelte';
import { preferences } from '../preferences.svelte';
import { presence, typing } from '../presence.svelte';
import { session } from '../session.svelte';
import { users } from '../users.svelte';
import { asEmoji, asRole, asUser, opened } from './objects';
import * as places from './places';

export function created(): void {
  users.met();
}

export function updated({ data }: ServerEvent<'user_updated'>): void {
  const user = asUser(data.user);
  users.add([user]);
  if (user.id === session.myId) session.update(user);
}

export async function rolesChanged({ data }: ServerEvent<'user_role_updated'>): Promise<void> {
  if (data.user_id !== session.myId) return;
  session.update(await client.getMe());
  // Who becomes a guest is one in all places.
  await places.read();
}

export function roleUpdated({ data }: ServerEvent<'role_updated'>): void {
  permissions.set(asRole(data.role));
}

export function preferencesSet({ data }: ServerEvent<'preferences_changed'>): void {
  preferences.set(opened(data.preferences));
}

export function preferencesUnset({ data }: ServerEvent<'preferences_deleted'>): void {
  preferences.unset(opened(data.preferences));
}

export function types({ data, broadcast }: ServerEvent<'typing'>): void {
  if (data.user_id === session.myId) return;
  users.need([data.user_id]);
  typing.heard(broadcast.channel_id, data.parent_id, data.user_id);
}

export function present({ data }: ServerEvent<'status_change'>): void {
  presence.set(data.user_id, data.status);
}

export function allPresent({ data }: ServerEvent<'statuses_change'>): void {
  for (const [userId, status] of Object.entries(data.statuses)) presence.set(userId, status);
}

export function emojiAdded({ data }: ServerEvent<'emoji_added'>): void {
  emoji.add([asEmoji(data.emoji)]);
}
