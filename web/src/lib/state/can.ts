/**
 * What the person may do, as far as the roles say. Only for offering buttons: the server decides, and says so when it
 * disagrees.
 */
import type { Post } from '@mattermost/types/posts';
import { channels, isConversation, type Channel } from './channels.svelte';
import { session } from './session.svelte';
import { teams } from './teams.svelte';

export const can = {
  editPost: (post: Post): boolean => post.user_id === session.myId && post.type === '',

  deletePost: (post: Post): boolean => {
    if (post.user_id === session.myId) return true;
    const channel = channels.byId.get(post.channel_id);
    return channel ? can.manageChannel(channel) : false;
  },

  manageChannel: (channel: Channel): boolean =>
    !isConversation(channel) &&
    (teams.isAdmin(channel.team_id) || Boolean(channels.myMembers.get(channel.id)?.scheme_admin)),

  /** Name and header are open to all members, as everywhere by default. */
  editChannel: (channel: Channel): boolean => !isConversation(channel),

  archiveChannel: (channel: Channel): boolean => can.manageChannel(channel) && channel.name !== 'town-square',

  leaveChannel: (channel: Channel): boolean => !isConversation(channel) && channel.name !== 'town-square',

  addPeople: (channel: Channel): boolean => !isConversation(channel),
};
