/**
 * The permissions that administrators can give and take, in plain words and in groups. What is not listed here is left as
 * it is when a role is saved. Pure.
 */
type Words = Record<string, string>;

export const GROUPS: [title: string, permissions: Words][] = [
  [
    'Messages',
    {
      create_post: 'Write messages',
      edit_post: 'Edit their own messages',
      edit_others_posts: 'Edit messages of others',
      delete_post: 'Delete their own messages',
      delete_others_posts: 'Delete messages of others',
      add_reaction: 'Add reactions',
      remove_reaction: 'Take back their reactions',
      use_channel_mentions: 'Mention everybody (@channel, @here, @all)',
      use_group_mentions: 'Mention groups',
      upload_file: 'Attach files',
      get_public_link: 'Make public links to files',
    },
  ],
  [
    'Channels',
    {
      create_public_channel: 'Create public channels',
      create_private_channel: 'Create private channels',
      join_public_channels: 'Join public channels',
      manage_public_channel_properties: 'Rename public channels and set their topic',
      manage_private_channel_properties: 'Rename private channels and set their topic',
      manage_public_channel_members: 'Add and remove people in public channels',
      manage_private_channel_members: 'Add and remove people in private channels',
      convert_public_channel_to_private: 'Make public channels private',
      convert_private_channel_to_public: 'Make private channels public',
      delete_public_channel: 'Archive public channels',
      delete_private_channel: 'Archive private channels',
      manage_channel_roles: 'Make administrators of channels',
      create_direct_channel: 'Write to people directly',
      create_group_channel: 'Write to several people',
    },
  ],
  [
    'Teams and people',
    {
      create_team: 'Create teams',
      list_public_teams: 'See open teams',
      join_public_teams: 'Join open teams',
      list_private_teams: 'See closed teams',
      join_private_teams: 'Join closed teams',
      invite_user: 'Invite people to the team',
      invite_guest: 'Invite guests',
      add_user_to_team: 'Add people to the team',
      remove_user_from_team: 'Remove people from the team',
      manage_team: 'Change the settings of the team',
      manage_team_roles: 'Make administrators of the team',
      view_members: 'See all people of the organisation',
    },
  ],
  [
    'Emoji, bots and programs',
    {
      create_emojis: 'Add custom emoji',
      delete_emojis: 'Delete their own custom emoji',
      delete_others_emojis: 'Delete custom emoji of others',
      create_bot: 'Make bots',
      manage_bots: 'Manage their own bots',
      manage_others_bots: 'Manage bots of others',
      create_user_access_token: 'Make access tokens',
      revoke_user_access_token: 'Revoke access tokens',
      manage_own_incoming_webhooks: 'Manage their own incoming webhooks',
      manage_others_incoming_webhooks: 'Manage incoming webhooks of others',
      manage_own_outgoing_webhooks: 'Manage their own outgoing webhooks',
      manage_others_outgoing_webhooks: 'Manage outgoing webhooks of others',
      manage_own_slash_commands: 'Manage their own commands',
      manage_others_slash_commands: 'Manage commands of others',
    },
  ],
  [
    'Administration',
    {
      sysconsole_read_user_management_users: 'See people in the administration',
      sysconsole_write_user_management_users: 'Change people in the administration',
      sysconsole_read_user_management_permissions: 'See roles and schemes',
      sysconsole_write_user_management_permissions: 'Change roles and schemes',
      edit_other_users: 'Change the profile of others',
      read_audits: 'Read the audit log',
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
    title,
    Object.entries(words).filter(([name]) => fits(name, scope)),
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
