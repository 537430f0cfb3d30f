/** Events about channels, and about our memberships in them. */
import type { ServerEvent } from '../../api/events.generated';
import * as m from '../../messages';
import { channels } from '../channels.svelte';
import { left } from '../left';
import { permissions } from '../permissions.svelte';
import { session } from '../session.svelte';
import { asChannel, asMember } from './objects';
import * as places from './places';

type Named = ServerEvent<'channel_created' | 'channel_converted' | 'channel_restored'>;

/** One that we may not have, or have otherwise. */
export function changed({ data }: Named): Promise<void> {
  return channels.refresh(data.channel_id);
}

export function updated({ data }: ServerEvent<'channel_updated'>): void {
  const channel = asChannel(data.channel);
  if (channels.myMembers.has(channel.id)) channels.set(channel);
}

export function deleted({ data: { channel_id: id } }: ServerEvent<'channel_deleted'>): void {
  const channel = channels.byId.get(id);
  if (channel && channels.myMembers.has(id))
    places.leftChannel(id, m.app_channel_archived({ channel: channel.display_name }));
}

export function begun({ broadcast }: ServerEvent<'direct_added' | 'group_added'>): Promise<void> {
  return channels.refresh(broadcast.channel_id);
}

export async function schemeUpdated({ broadcast }: ServerEvent<'channel_scheme_updated'>): Promise<void> {
  await channels.refresh(broadcast.channel_id);
  await permissions.load();
}

export async function memberUpdated({ data }: ServerEvent<'channel_member_updated'>): Promise<void> {
  const member = asMember(data.channelMember);
  const known = channels.myMembers.get(member.channel_id);
  if (!known) return;
  channels.myMembers.set(member.channel_id, { ...known, ...member });
  await permissions.load();
}

export async function memberAdded({ data, broadcast }: ServerEvent<'user_added'>): Promise<void> {
  if (data.user_id === session.myId) await channels.refresh(broadcast.channel_id);
}

/** Those who stay are told who is gone; whoever is gone, from where. */
export function memberRemoved({ data, broadcast }: ServerEvent<'user_removed'>): void {
  const mine = !('user_id' in data) || data.user_id === session.myId;
  const id = 'channel_id' in data ? data.channel_id : broadcast.channel_id;
  if (!mine || !channels.myMembers.has(id)) return;
  // Whoever left by themselves knows.
  const title = channels.byId.get(id)?.display_name ?? '';
  places.leftChannel(id, left.has(id) ? '' : m.app_channel_removed({ title }));
  left.add(id);
}

export function viewed({ data }: ServerEvent<'channel_viewed'>): void {
  channels.markRead(data.channel_id);
}

export function unread({ data, broadcast }: ServerEvent<'post_unread'>): void {
  const { msg_count, mention_count, last_viewed_at } = data;
  const member = channels.myMembers.get(broadcast.channel_id);
  if (member) channels.myMembers.set(member.channel_id, { ...member, msg_count, mention_count, last_viewed_at });
}
