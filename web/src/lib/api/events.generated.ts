// Written by `make events` from src/wire: every event of the server, and what is in it.

declare const inside: unique symbol;

/** An object as JSON in a string. */
export type Json<T> = string & { readonly [inside]: T };

/** An event as it comes over the socket: `seq` counts those of one connection. */
export interface Frame<Name = string, Data = unknown> {
  event: Name;
  data: Data;
  broadcast: Broadcast;
  seq: number;
}

export type EventName = keyof EventData;

/** Any event of the server, or those with one of these names. */
export type ServerEvent<Name extends EventName = EventName> = {
  [N in Name]: Frame<N, EventData[N]>;
}[Name];

/** The data of each event. */
export interface EventData {
  added_to_team: UserInTeamData;
  channel_converted: ChannelNamedData;
  channel_created: ChannelCreatedData;
  channel_deleted: ChannelDeletedData;
  channel_member_updated: ChannelMemberData;
  channel_restored: ChannelNamedData;
  channel_scheme_updated: NothingData;
  channel_updated: ChannelData;
  channel_viewed: ChannelNamedData;
  delete_team: TeamData;
  direct_added: DirectAddedData;
  emoji_added: EmojiData;
  ephemeral_message: PostData;
  group_added: GroupAddedData;
  hello: HelloData;
  leave_team: UserInTeamData;
  memberrole_updated: TeamMemberData;
  new_user: UserNamedData;
  post_deleted: PostData;
  post_edited: PostData;
  post_unread: PostUnreadData;
  posted: PostedData;
  preferences_changed: PreferencesData;
  preferences_deleted: PreferencesData;
  reaction_added: ReactionData;
  reaction_removed: ReactionData;
  restore_team: TeamData;
  role_updated: RoleData;
  sidebar_category_updated: NothingData;
  status_change: StatusData;
  statuses_change: StatusesData;
  typing: TypingData;
  update_team: TeamData;
  update_team_scheme: TeamData;
  user_activation_status_change: NothingData;
  user_added: UserAddedData;
  user_removed: RemovedFromChannelData | UserRemovedData;
  user_role_updated: UserRolesData;
  user_updated: UserData;
}

export interface Broadcast {
  omit_users: Record<string, boolean> | null;
  user_id: string;
  channel_id: string;
  team_id: string;
  connection_id: string;
  omit_connection_id: string;
  topic?: string;
  topic_seq?: number;
}

export interface Channel {
  id: string;
  create_at: number;
  update_at: number;
  delete_at: number;
  team_id: string;
  type: ChannelKind;
  display_name: string;
  name: string;
  header: string;
  purpose: string;
  last_post_at: number;
  last_root_post_at: number;
  total_msg_count: number;
  total_msg_count_root: number;
  extra_update_at: number;
  creator_id: string;
  scheme_id: string | null;
  props: Record<string, unknown> | null;
  group_constrained: boolean | null;
  shared: boolean | null;
  policy_id: string | null;
}

export interface ChannelCreatedData {
  channel_id: string;
  team_id: string;
}

export interface ChannelData {
  channel: Json<Channel>;
}

export interface ChannelDeletedData {
  channel_id: string;
  delete_at: number;
}

export type ChannelKind = 'O' | 'P' | 'D' | 'G';

export interface ChannelMember {
  channel_id: string;
  user_id: string;
  roles: string;
  last_viewed_at: number;
  msg_count: number;
  mention_count: number;
  mention_count_root: number;
  urgent_mention_count: number;
  msg_count_root: number;
  notify_props: Record<string, string>;
  last_update_at: number;
  scheme_guest: boolean;
  scheme_user: boolean;
  scheme_admin: boolean;
  explicit_roles: string;
}

export interface ChannelMemberData {
  channelMember: Json<ChannelMember>;
}

export interface ChannelNamedData {
  channel_id: string;
}

export interface DirectAddedData {
  creator_id: string;
  teammate_id: string;
}

export interface Emoji {
  id: string;
  create_at: number;
  update_at: number;
  delete_at: number;
  creator_id: string;
  name: string;
}

export interface EmojiData {
  emoji: Json<Emoji>;
}

export interface FileInfo {
  id: string;
  user_id: string;
  post_id?: string;
  channel_id: string;
  create_at: number;
  update_at: number;
  delete_at: number;
  name: string;
  extension: string;
  size: number;
  mime_type: string;
  width?: number;
  height?: number;
  has_preview_image?: boolean;
  mini_preview: string | null;
  remote_id: string;
  archived: boolean;
}

export interface GroupAddedData {
  teammate_ids: Json<string[]>;
}

export interface HelloData {
  connection_id: string;
  server_hostname: string;
  server_version: string;
}

export type NothingData = Record<string, never>;

export interface Post {
  id: string;
  create_at: number;
  update_at: number;
  edit_at: number;
  delete_at: number;
  is_pinned: boolean;
  user_id: string;
  channel_id: string;
  root_id: string;
  original_id: string;
  message: string;
  type: string;
  props: Record<string, unknown>;
  hashtags: string;
  file_ids?: string[];
  pending_post_id: string;
  has_reactions?: boolean;
  reply_count: number;
  last_reply_at: number;
  participants: unknown[] | null;
  metadata: PostMetadata;
}

export interface PostData {
  post: Json<Post>;
}

export interface PostEmbed {
  type: string;
  url?: string;
  data?: unknown;
}

export interface PostImage {
  width: number;
  height: number;
  format: string;
  frame_count: number;
}

export interface PostMetadata {
  files?: FileInfo[];
  embeds?: PostEmbed[];
  emojis?: Emoji[];
  images?: Record<string, PostImage>;
  reactions?: Reaction[];
}

export interface PostUnreadData {
  last_viewed_at: number;
  mention_count: number;
  mention_count_root: number;
  msg_count: number;
  msg_count_root: number;
  post_id: string;
  urgent_mention_count: number;
}

export interface PostedData {
  channel_display_name: string;
  channel_name: string;
  channel_type: ChannelKind;
  image?: string;
  mentions?: Json<string[]>;
  otherFile?: string;
  post: Json<Post>;
  sender_name: string;
  set_online: boolean;
  team_id: string;
}

export interface Preference {
  user_id: string;
  category: string;
  name: string;
  value: string;
}

export interface PreferencesData {
  preferences: Json<Preference[]>;
}

export type PresenceStatus = 'online' | 'away' | 'dnd' | 'offline';

export interface Reaction {
  user_id: string;
  post_id: string;
  emoji_name: string;
  create_at: number;
  update_at: number;
  delete_at: number;
  remote_id: string | null;
  channel_id: string;
}

export interface ReactionData {
  reaction: Json<Reaction>;
}

export interface RemovedFromChannelData {
  channel_id: string;
  remover_id: string;
}

export interface Role {
  id: string;
  name: string;
  display_name: string;
  description: string;
  create_at: number;
  update_at: number;
  delete_at: number;
  permissions: string[];
  scheme_managed: boolean;
  built_in: boolean;
  scheme_id: string | null;
}

export interface RoleData {
  role: Json<Role>;
}

export interface StatusData {
  status: PresenceStatus;
  user_id: string;
}

export interface StatusesData {
  statuses: Record<string, PresenceStatus>;
}

export interface Team {
  id: string;
  create_at: number;
  update_at: number;
  delete_at: number;
  display_name: string;
  name: string;
  description: string;
  email: string;
  type: string;
  company_name: string;
  allowed_domains: string;
  invite_id: string;
  allow_open_invite: boolean;
  last_team_icon_update?: number;
  scheme_id: string | null;
  group_constrained: boolean | null;
  policy_id: string | null;
}

export interface TeamData {
  team: Json<Team>;
}

export interface TeamMember {
  team_id: string;
  user_id: string;
  roles: string;
  delete_at: number;
  scheme_guest: boolean;
  scheme_user: boolean;
  scheme_admin: boolean;
  explicit_roles: string;
}

export interface TeamMemberData {
  member: Json<TeamMember>;
}

export interface TypingData {
  parent_id: string;
  user_id: string;
}

export interface User {
  id: string;
  create_at: number;
  update_at: number;
  delete_at: number;
  username: string;
  auth_data: string;
  auth_service: string;
  email: string;
  email_verified?: boolean;
  mfa_active?: boolean;
  nickname: string;
  first_name: string;
  last_name: string;
  position: string;
  roles: string;
  props?: Record<string, string>;
  notify_props?: Record<string, string>;
  last_password_update?: number;
  failed_attempts?: number;
  last_picture_update?: number;
  locale: string;
  timezone: Record<string, string>;
  is_bot?: boolean;
  bot_description?: string;
  disable_welcome_email: boolean;
}

export interface UserAddedData {
  team_id: string;
  user_id: string;
}

export interface UserData {
  user: User;
}

export interface UserInTeamData {
  team_id: string;
  user_id: string;
}

export interface UserNamedData {
  user_id: string;
}

export interface UserRemovedData {
  remover_id: string;
  user_id: string;
}

export interface UserRolesData {
  roles: string;
  user_id: string;
}
