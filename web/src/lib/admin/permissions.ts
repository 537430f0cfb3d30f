/**
 * The permissions that administrators can give and take, in plain words and in groups. What is not listed here is left as
 * it is when a role is saved. Pure.
 */
import * as m from '../messages';

type Words = Record<string, () => string>;

export const GROUPS: [title: () => string, permissions: Words][] = [
  [
    m.permission_group_messages,
    {
      create_post: m.permission_create_post,
      edit_post: m.permission_edit_post,
      edit_others_posts: m.permission_edit_others_posts,
      delete_post: m.permission_delete_post,
      delete_others_posts: m.permission_delete_others_posts,
      add_reaction: m.permission_add_reaction,
      remove_reaction: m.permission_remove_reaction,
      use_channel_mentions: m.permission_use_channel_mentions,
      use_group_mentions: m.permission_use_group_mentions,
      upload_file: m.permission_upload_file,
      get_public_link: m.permission_get_public_link,
    },
  ],
  [
    m.common_channels,
    {
      create_public_channel: m.permission_create_public_channel,
      create_private_channel: m.permission_create_private_channel,
      join_public_channels: m.permission_join_public_channels,
      manage_public_channel_properties: m.permission_manage_public_channel_properties,
      manage_private_channel_properties: m.permission_manage_private_channel_properties,
      manage_public_channel_members: m.permission_manage_public_channel_members,
      manage_private_channel_members: m.permission_manage_private_channel_members,
      convert_public_channel_to_private: m.permission_convert_public_channel_to_private,
      convert_private_channel_to_public: m.permission_convert_private_channel_to_public,
      delete_public_channel: m.permission_delete_public_channel,
      delete_private_channel: m.permission_delete_private_channel,
      manage_channel_roles: m.permission_manage_channel_roles,
      create_direct_channel: m.permission_create_direct_channel,
      create_group_channel: m.permission_create_group_channel,
    },
  ],
  [
    m.permission_group_teams,
    {
      create_team: m.permission_create_team,
      list_public_teams: m.permission_list_public_teams,
      join_public_teams: m.permission_join_public_teams,
      list_private_teams: m.permission_list_private_teams,
      join_private_teams: m.permission_join_private_teams,
      invite_user: m.permission_invite_user,
      invite_guest: m.permission_invite_guest,
      add_user_to_team: m.permission_add_user_to_team,
      remove_user_from_team: m.permission_remove_user_from_team,
      manage_team: m.permission_manage_team,
      manage_team_roles: m.permission_manage_team_roles,
      view_members: m.permission_view_members,
    },
  ],
  [
    m.permission_group_programs,
    {
      create_emojis: m.permission_create_emojis,
      delete_emojis: m.permission_delete_emojis,
      delete_others_emojis: m.permission_delete_others_emojis,
      create_bot: m.permission_create_bot,
      manage_bots: m.permission_manage_bots,
      manage_others_bots: m.permission_manage_others_bots,
      create_user_access_token: m.permission_create_user_access_token,
      revoke_user_access_token: m.permission_revoke_user_access_token,
      manage_own_incoming_webhooks: m.permission_manage_own_incoming_webhooks,
      manage_others_incoming_webhooks: m.permission_manage_others_incoming_webhooks,
      manage_own_outgoing_webhooks: m.permission_manage_own_outgoing_webhooks,
      manage_others_outgoing_webhooks: m.permission_manage_others_outgoing_webhooks,
      manage_own_slash_commands: m.permission_manage_own_slash_commands,
      manage_others_slash_commands: m.permission_manage_others_slash_commands,
    },
  ],
  [
    m.common_administration,
    {
      sysconsole_read_user_management_users: m.permission_sysconsole_read_user_management_users,
      sysconsole_write_user_management_users: m.permission_sysconsole_write_user_management_users,
      sysconsole_read_user_management_permissions: m.permission_sysconsole_read_user_management_permissions,
      sysconsole_write_user_management_permissions: m.permission_sysconsole_write_user_management_permissions,
      edit_other_users: m.permission_edit_other_users,
      read_audits: m.permission_read_audits,
    },
  ],
];

/** Where a permission makes a difference: to those who have a role for everything, in a team, or in a channel. */
type Scope = 'system' | 'team' | 'channel';

const IN_CHANNEL =
  /post|reaction|mention|file|public_link|channel_(properties|members|roles)|delete_(public|private)_channel|convert_/;
const IN_TEAM = /channel|invite|team_roles|manage_team$|_user_(to|from)_team|emojis|webhooks|commands/;
const ONLY_SYSTEM =
  /direct_channel|group_channel|sysconsole|audits|bot|token|view_members|create_team|_teams$|other_users/;

export function scopeOf(role: string): Scope {
  return /^(team|channel)_/.exec(role)?.[1] === 'team' ? 'team' : role.startsWith('channel_') ? 'channel' : 'system';
}

/** The groups as far as they mean something for a role. A channel's role does not create teams. */
export function groupsFor(scope: Scope): [title: string, permissions: [name: string, words: string][]][] {
  return GROUPS.map(([title, words]): [string, [string, string][]] => [
    title(),
    Object.entries(words)
      .filter(([name]) => fits(name, scope))
      .map(([name, meaning]) => [name, meaning()]),
  ]).filter(([, list]) => list.length > 0);
}

/** The permissions of a role after one was given or taken. */
export function toggled(permissions: readonly string[], name: string, on: boolean): string[] {
  const rest = permissions.filter((other) => other !== name);
  return on ? [...rest, name] : rest;
}

function fits(name: string, scope: Scope): boolean {
  if (scope === 'system') return true;
  if (ONLY_SYSTEM.test(name)) return false;
  return IN_CHANNEL.test(name) || (scope === 'team' && IN_TEAM.test(name));
}
