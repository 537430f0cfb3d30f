/** What an administrator can do with an account. Each says what it did; what cannot be undone asks before. */
import type { UserProfile } from '@mattermost/types/users';
import { isGuest } from '../../lib/admin/roles';
import { client } from '../../lib/api/client';
import * as m from '../../lib/messages';
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
  if (user.delete_at > 0) return [{ label: m.admin_person_activate(), run: () => activate(user, ways.changed) }];
  const list: MenuEntry[] = [{ label: m.admin_person_roles(), run: ways.roles }];
  if (!user.auth_service && !own) {
    list.push(
      { label: m.admin_person_password(), run: ways.password },
      { label: m.admin_person_mail_link(), run: () => mailReset(user) },
    );
  }
  if (user.mfa_active && !own)
    list.push({ label: m.admin_person_factor(), run: () => resetFactor(user, ways.changed) });
  list.push({ label: m.admin_person_sessions(), run: () => endSessions(user) });
  if (!own && session.config.EnableGuestAccounts === 'true') list.push(guestEntry(user, ways.changed));
  if (!own)
    list.push({
      label: m.admin_person_deactivate(),
      danger: true,
      apart: true,
      run: () => deactivate(user, ways.changed),
    });
  return list;
}

function guestEntry(user: UserProfile, changed: () => void): MenuEntry {
  if (isGuest(user.roles)) return { label: m.admin_person_member(), run: () => promote(user, changed) };
  return { label: m.admin_person_guest(), run: () => demote(user, changed) };
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
    m.admin_person_deactivate_confirm({ name }),
    m.admin_person_deactivate_hint(),
    m.admin_person_deactivate(),
    () => client.updateUserActive(user.id, false),
    m.admin_person_deactivated({ name }),
    changed,
  );
}

function activate(user: UserProfile, changed: () => void): void {
  const name = displayName(user);
  ask(
    m.admin_person_activate_confirm({ name }),
    m.admin_person_activate_hint(),
    m.admin_person_activate(),
    () => client.updateUserActive(user.id, true),
    m.admin_person_activated({ name }),
    changed,
  );
}

function mailReset(user: UserProfile): void {
  ask(
    m.admin_person_mail_link_confirm({ email: user.email }),
    m.admin_person_mail_link_hint(),
    m.common_send_link(),
    () => client.sendPasswordResetEmail(user.email),
    session.mailLeaves ? m.admin_person_mail_link_sent() : m.admin_person_mail_link_filed(),
  );
}

function resetFactor(user: UserProfile, changed: () => void): void {
  const name = displayName(user);
  ask(
    m.admin_person_factor_confirm({ name }),
    m.admin_person_factor_hint(),
    m.admin_person_factor_action(),
    () => client.updateUserMfa(user.id, false, ''),
    m.admin_person_factor_done({ name }),
    changed,
  );
}

function endSessions(user: UserProfile): void {
  ask(
    m.admin_person_sessions_confirm({ name: displayName(user) }),
    m.admin_person_sessions_hint(),
    m.admin_person_sessions_action(),
    () => client.revokeAllSessionsForUser(user.id),
    m.admin_person_sessions_done(),
  );
}

function demote(user: UserProfile, changed: () => void): void {
  const name = displayName(user);
  ask(
    m.admin_person_guest_confirm({ name }),
    m.admin_person_guest_hint(),
    m.admin_person_guest(),
    () => client.demoteUserToGuest(user.id),
    m.admin_person_guest_done({ name }),
    changed,
  );
}

function promote(user: UserProfile, changed: () => void): void {
  const name = displayName(user);
  ask(
    m.admin_person_member_confirm({ name }),
    m.admin_person_member_hint(),
    m.admin_person_member(),
    () => client.promoteGuestToUser(user.id),
    m.admin_person_member_done({ name }),
    changed,
  );
}
