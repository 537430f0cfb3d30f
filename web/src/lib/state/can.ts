/**
 * What the person may do, as far as the roles say. Only for offering buttons: the server decides, and says so when it
 * disagrees.
 */
import type { Post } from '@mattermost/types/posts';
import { channels, isConversation, type Channel } from './channels.svelte';
import { permissions } from './permissions.svelte';
import { session } from './session.svelte';

/** Whether a channel's kind makes it the first or the second permission that counts. */
function byKind(channel: Channel, open: string, closed: string): boolean {
  return !isConversation(channel) && permissions.ofChannel(channel, channel.type === 'O' ? open : closed);
}

function inChannelOf(post: Post, permission: string): boolean {
  const channel = channels.byId.get(post.channel_id);
  return Boolean(channel && permissions.ofChannel(channel, permission));
}

export const can = {
  editPost: (post: Post): boolean =>
    post.type === '' && inChannelOf(post, post.user_id === session.myId ? 'edit_post' : 'edit_others_posts'),

  deletePost: (post: Post): boolean =>
    inChannelOf(post, post.user_id === session.myId ? 'delete_post' : 'delete_others_posts'),

  react: (post: Post): boolean => inChannelOf(post, 'add_reaction'),

  writeIn: (channel: Channel): boolean => permissions.ofChannel(channel, 'create_post'),

  attachIn: (channel: Channel): boolean =>
    session.config.EnableFileAttachments !== 'false' && permissions.ofChannel(channel, 'upload_file'),

  editChannel: (channel: Channel): boolean =>
    byKind(channel, 'manage_public_channel_properties', 'manage_private_channel_properties'),

  archiveChannel: (channel: Channel): boolean =>
    channel.name !== 'town-square' && byKind(channel, 'delete_public_channel', 'delete_private_channel'),

  /** Also such that one is not in. */
  restoreChannels: (teamId: string): boolean => permissions.ofTeam(teamId, 'manage_team'),

  leaveChannel: (channel: Channel): boolean => !isConversation(channel) && channel.name !== 'town-square',

  addPeople: (channel: Channel): boolean =>
    byKind(channel, 'manage_public_channel_members', 'manage_private_channel_members'),

  removePeople: (channel: Channel): boolean => channel.name !== 'town-square' && can.addPeople(channel),

  createChannels: (teamId: string): boolean =>
    permissions.ofTeam(teamId, 'create_public_channel') || permissions.ofTeam(teamId, 'create_private_channel'),

  browseChannels: (teamId: string): boolean => permissions.ofTeam(teamId, 'join_public_channels'),

  converse: (): boolean =>
    permissions.ofAccount('create_direct_channel') || permissions.ofAccount('create_group_channel'),

  /** In any of the ways. */
  invite: (teamId: string): boolean =>
    permissions.ofTeam(teamId, 'invite_user') || can.addToTeam(teamId) || can.inviteGuests(teamId),

  inviteByMail: (teamId: string): boolean =>
    session.config.EnableEmailInvitations === 'true' &&
    permissions.ofTeam(teamId, 'invite_user') &&
    can.addToTeam(teamId),

  inviteGuests: (teamId: string): boolean =>
    session.config.EnableEmailInvitations === 'true' &&
    session.config.EnableGuestAccounts === 'true' &&
    permissions.ofTeam(teamId, 'invite_guest'),

  addToTeam: (teamId: string): boolean => permissions.ofTeam(teamId, 'add_user_to_team'),

  manageTeam: (teamId: string): boolean => permissions.ofTeam(teamId, 'manage_team'),

  joinTeams: (): boolean => permissions.ofAccount('join_public_teams') || permissions.ofAccount('join_private_teams'),

  createTeams: (): boolean => permissions.ofAccount('create_team'),
};
