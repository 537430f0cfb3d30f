/** What an administrator can do with an account. Each says what it did; what cannot be undone asks before. */
import type { UserProfile } from '@mattermost/types/users';
import { isGuest } from '../../lib/admin/roles';
import { client } from '../../lib/api/client';
import { session } from '../../lib/state/session.svelte';
import { toasts } from '../../lib/state/toasts.svelte';
import { ui } from '../../lib/state/ui.svelte';
import { displayName } from '../../lib/state/users.svelte';
import type { MenuEntry } from '../ui/Menu.svelte';

export interface Ways {
  changed: () => void;
  roles: () => void;
  password: () => void;
}

export function actionsFor(user: UserProfile, ways: Ways): MenuEntry[] {
  const own = user.id === session.myId;
  if (user.delete_at > 0) return [{ label: 'Activate', run: () => activate(user, ways.changed) }];
  const list: MenuEntry[] = [{ label: 'Change roles…', run: ways.roles }];
  if (!user.auth_service && !own) {
    list.push(
      { label: 'Set a new password…', run: ways.password },
      { label: 'Mail a link for a new password', run: () => mailReset(user) },
    );
  }
  if (user.mfa_active && !own)
    list.push({ label: 'Reset two-factor login', run: () => resetFactor(user, ways.changed) });
  list.push({ label: 'End all sessions', run: () => endSessions(user) });
  if (!own && session.config.EnableGuestAccounts === 'true') list.push(guestEntry(user, ways.changed));
  if (!own) list.push({ label: 'Deactivate', danger: true, apart: true, run: () => deactivate(user, ways.changed) });
  return list;
}

function guestEntry(user: UserProfile, changed: () => void): MenuEntry {
  if (isGuest(user.roles)) return { label: 'Make a member', run: () => promote(user, changed) };
  return { label: 'Make a guest', run: () => demote(user, changed) };
}

/** Asks, does, says so, and lets the list show it. */
function ask(
  title: string,
  text: string,
  action: string,
  work: () => Promise<unknown>,
  note: string,
  then?: () => void,
) {
  ui.confirm({
    title,
    text,
    action,
    run: async () => {
      await work();
      toasts.info(note);
      then?.();
    },
  });
}

function deactivate(user: UserProfile, changed: () => void): void {
  const name = displayName(user);
  ask(
    `Deactivate ${name}?`,
    'They are logged out everywhere at once and cannot log in again. What they wrote stays.',
    'Deactivate',
    () => client.updateUserActive(user.id, false),
    `${name} is deactivated.`,
    changed,
  );
}

function activate(user: UserProfile, changed: () => void): void {
  const name = displayName(user);
  ask(
    `Activate ${name}?`,
    'They can log in again, and are in their teams and channels as before.',
    'Activate',
    () => client.updateUserActive(user.id, true),
    `${name} is active again.`,
    changed,
  );
}

function mailReset(user: UserProfile): void {
  ask(
    `Mail a link to ${user.email}?`,
    'With it they can set a new password, within an hour.',
    'Send the link',
    () => client.sendPasswordResetEmail(user.email),
    session.mailLeaves
      ? 'The link is on its way.'
      : 'This server sends no mail: the letter is a file in its data folder.',
  );
}

function resetFactor(user: UserProfile, changed: () => void): void {
  const name = displayName(user);
  ask(
    `Reset the two-factor login of ${name}?`,
    'Their next login asks for the password alone. Make sure that it is them who ask for this.',
    'Reset',
    () => client.updateUserMfa(user.id, false, ''),
    `The two-factor login of ${name} is reset.`,
    changed,
  );
}

function endSessions(user: UserProfile): void {
  ask(
    `End all sessions of ${displayName(user)}?`,
    'They have to log in again on all their devices.',
    'End sessions',
    () => client.revokeAllSessionsForUser(user.id),
    'All their sessions have ended.',
  );
}

function demote(user: UserProfile, changed: () => void): void {
  const name = displayName(user);
  ask(
    `Make ${name} a guest?`,
    'They then see only the channels that they are in, and the people there.',
    'Make a guest',
    () => client.demoteUserToGuest(user.id),
    `${name} is a guest now.`,
    changed,
  );
}

function promote(user: UserProfile, changed: () => void): void {
  const name = displayName(user);
  ask(
    `Make ${name} a member?`,
    'They then see public channels and everybody in their teams.',
    'Make a member',
    () => client.promoteGuestToUser(user.id),
    `${name} is a member now.`,
    changed,
  );
}
