/**
 * The objects that events carry, as the stores have them: in the types of the official client, which know more words (the
 * types of posts) and less null. Where the two contradict each other, the cast does not compile.
 */
import type { ChannelMembership } from '@mattermost/types/channels';
import type { CustomEmoji } from '@mattermost/types/emojis';
import type { Post } from '@mattermost/types/posts';
import type { Role } from '@mattermost/types/roles';
import type { Team } from '@mattermost/types/teams';
import type { UserProfile } from '@mattermost/types/users';
import type * as wire from '../../api/events.generated';
import type { Channel } from '../channels.svelte';

/** What of a type another knows as well. */
type Shared<Wire, Official> = Pick<Wire, keyof Wire & keyof Official>;

/** The object in a string. */
export const opened = <T>(text: wire.Json<T>): T => JSON.parse(text) as T;

/** But for the metadata, where the official types have names that no server sends. */
export const asPost = (text: wire.Json<wire.Post>): Post => opened(text) as Omit<wire.Post, 'metadata'> as Post;
export const asChannel = (text: wire.Json<wire.Channel>): Channel => opened(text) as Channel;
export const asMember = (text: wire.Json<wire.ChannelMember>): ChannelMembership =>
  opened(text) as Shared<wire.ChannelMember, ChannelMembership> as ChannelMembership;
export const asTeam = (text: wire.Json<wire.Team>): Team => opened(text) as Team;
export const asEmoji = (text: wire.Json<wire.Emoji>): CustomEmoji =>
  opened(text) as Shared<wire.Emoji, CustomEmoji> as CustomEmoji;
export const asRole = (text: wire.Json<wire.Role>): Role => opened(text) as Role;
export const asUser = (user: wire.User): UserProfile => user as Shared<wire.User, UserProfile> as UserProfile;
