/** Roles in plain words, and what a person's set of roles is changed to. Pure. */
import * as m from '../messages';

export interface RoleWords {
  title: () => string;
  /** More about it, where its title does not say all. */
  hint?: () => string;
}

/** Roles that an account can be given besides being a member; the strongest first. */
export const GIVEN: Record<string, RoleWords> = {
  system_admin: { title: m.role_admin, hint: m.role_admin_hint },
  system_manager: { title: m.role_manager, hint: m.role_manager_hint },
  system_user_manager: { title: m.role_user_manager, hint: m.role_user_manager_hint },
  system_read_only_admin: { title: m.role_reader, hint: m.role_reader_hint },
  system_user_access_token: { title: m.common_access_tokens, hint: m.role_tokens_hint },
};

/** The roles whose permissions can be changed, in the order in which they are shown. */
export const BUILT_IN: [name: string, words: RoleWords][] = [
  ['system_user', { title: m.common_members, hint: m.role_members_hint }],
  ['system_guest', { title: m.common_guests, hint: m.role_guests_hint }],
  ['team_user', { title: m.role_team_members }],
  ['team_admin', { title: m.role_team_admins, hint: m.role_admins_hint }],
  ['team_guest', { title: m.role_team_guests }],
  ['channel_user', { title: m.role_channel_members }],
  ['channel_admin', { title: m.role_channel_admins, hint: m.role_admins_hint }],
  ['channel_guest', { title: m.role_channel_guests }],
  ['system_manager', { title: m.role_managers, hint: m.role_manager_hint }],
  ['system_user_manager', { title: m.role_user_managers, hint: m.role_user_manager_hint }],
  ['system_read_only_admin', { title: m.role_readers, hint: m.role_reader_hint }],
];

/** `Administrator`, `Manager, Access tokens`, `Guest` or `Member`. */
export function rolesInWords(roles: string): string {
  const held = roles.split(' ');
  const given = Object.keys(GIVEN).filter((name) => held.includes(name));
  if (given.includes('system_admin')) return m.role_admin();
  const words = given.map((name) => GIVEN[name]?.title() ?? name);
  const base = held.includes('system_guest') ? m.common_guest() : m.role_member();
  return words.length ? words.join(', ') : base;
}

export function isGuest(roles: string | undefined): boolean {
  return (roles ?? '').split(' ').includes('system_guest');
}

/** The roles after the given ones were chosen anew; what we have no words for stays. */
export function withGiven(roles: string, chosen: readonly string[]): string {
  const kept = roles.split(' ').filter((name) => name && !(name in GIVEN));
  const base = kept.includes('system_guest') || kept.includes('system_user') ? kept : ['system_user', ...kept];
  return [...base, ...Object.keys(GIVEN).filter((name) => chosen.includes(name))].join(' ');
}
