/** Roles in plain words, and what a person's set of roles is changed to. Pure. */

export interface RoleWords {
  title: string;
  hint: string;
}

/** Roles that an account can be given besides being a member; the strongest first. */
export const GIVEN: Record<string, RoleWords> = {
  system_admin: { title: 'Administrator', hint: 'May do everything in this organisation.' },
  system_manager: { title: 'Manager', hint: 'Looks after teams, channels, and most settings.' },
  system_user_manager: { title: 'Manager of people', hint: 'Looks after accounts, teams and memberships.' },
  system_read_only_admin: { title: 'Read-only administrator', hint: 'Sees the administration and changes nothing.' },
  system_user_access_token: { title: 'Access tokens', hint: 'May make access tokens for programs.' },
};

/** The roles whose permissions can be changed, in the order in which they are shown. */
export const BUILT_IN: [name: string, words: RoleWords][] = [
  ['system_user', { title: 'Members', hint: 'Everybody with an account, except guests.' }],
  ['system_guest', { title: 'Guests', hint: 'Guests, in the organisation.' }],
  ['team_user', { title: 'Members of a team', hint: '' }],
  ['team_admin', { title: 'Administrators of a team', hint: 'Besides what members may.' }],
  ['team_guest', { title: 'Guests in a team', hint: '' }],
  ['channel_user', { title: 'Members of a channel', hint: '' }],
  ['channel_admin', { title: 'Administrators of a channel', hint: 'Besides what members may.' }],
  ['channel_guest', { title: 'Guests in a channel', hint: '' }],
  ['system_manager', { title: 'Managers', hint: GIVEN.system_manager?.hint ?? '' }],
  ['system_user_manager', { title: 'Managers of people', hint: GIVEN.system_user_manager?.hint ?? '' }],
  ['system_read_only_admin', { title: 'Read-only administrators', hint: GIVEN.system_read_only_admin?.hint ?? '' }],
];

/** `Administrator`, `Manager, Access tokens`, `Guest` or `Member`. */
export function rolesInWords(roles: string): string {
  const held = roles.split(' ');
  const given = Object.keys(GIVEN).filter((name) => held.includes(name));
  if (given.includes('system_admin')) return 'Administrator';
  const words = given.map((name) => GIVEN[name]?.title ?? name);
  const base = held.includes('system_guest') ? 'Guest' : 'Member';
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
