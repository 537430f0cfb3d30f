/** Entries of the audit log in words. Pure. */
import * as m from '../messages';

type Words = Record<string, () => string>;

export const OUTCOMES: Words = {
  success: m.admin_audit_success,
  fail: m.admin_audit_fail,
  refused: m.admin_audit_refused,
};

/** The kinds of things that something is done to. */
export const KINDS: Words = {
  user: m.admin_audit_kind_user,
  session: m.admin_audit_kind_session,
  token: m.admin_audit_kind_token,
  team: m.admin_audit_kind_team,
  channel: m.admin_audit_kind_channel,
  post: m.admin_audit_kind_post,
  role: m.admin_audit_kind_role,
  scheme: m.admin_audit_kind_scheme,
  emoji: m.admin_audit_kind_emoji,
  file: m.admin_audit_kind_file,
  org: m.admin_audit_kind_org,
};

/** What the paths of operations mean; the first that fits. Others are shown as they are. */
const MEANINGS: [RegExp, () => string][] = [
  [/^\/users\/login\/switch/, m.audit_login_switch],
  [/^\/users\/login/, m.audit_login],
  [/^\/signup\/openid/, m.audit_login_openid],
  [/^\/users\/logout/, m.audit_logout],
  [/^\/users\/password\/reset\/send/, m.audit_password_ask],
  [/^\/users\/password\/reset/, m.audit_password_reset],
  [/^\/users\/(?:[^/]+\/)?password$/, m.audit_password],
  [/^\/users\/(?:[^/]+\/)?mfa/, m.audit_mfa],
  [/^\/users\/(?:[^/]+\/)?sessions\/revoke/, m.audit_sessions],
  [/^\/users\/(?:[^/]+\/)?roles$/, m.audit_roles],
  [/^\/users\/(?:[^/]+\/)?active$/, m.audit_active],
  [/^\/users\/(?:[^/]+\/)?(promote|demote)$/, m.audit_guest],
  [/^\/users\/(?:[^/]+\/)?tokens/, m.audit_tokens],
  [/^\/users\/(?:[^/]+\/)?email/, m.audit_email],
  [/^\/users\/(?:[^/]+\/)?patch/, m.audit_profile],
  [/^\/users\/(?:[^/]+\/)?image/, m.audit_picture],
  [/^\/users(\/create)?$/, m.audit_account],
  [/^\/bots|convert_to_bot$/, m.audit_bots],
  [/^\/roles/, m.audit_role],
  [/^\/schemes|\/scheme$/, m.audit_schemes],
  [/^\/organizations/, m.audit_organisations],
  [/^\/teams$/, m.audit_team_create],
  [/^\/teams\/archive/, m.audit_team_archive],
  [/^\/teams\/restore/, m.audit_team_restore],
  [/^\/teams\/(?:[^/]+\/)?invite-guests/, m.audit_invite_guests],
  [/^\/teams\/(?:[^/]+\/)?invite\/email/, m.audit_invite],
  [/^\/teams\/invites\/email/, m.audit_invite_withdraw],
  [/^\/teams\/members\/invite/, m.audit_team_join],
  [/^\/teams\/members\/add/, m.audit_team_add],
  [/^\/teams\/members\/remove/, m.audit_team_remove],
  [/^\/teams\/members\/roles/, m.audit_team_roles],
  [/^\/teams\/image/, m.audit_team_icon],
  [/^\/teams/, m.audit_team],
  [/^\/channels\/archive/, m.audit_channel_archive],
  [/^\/channels\/restore/, m.audit_channel_restore],
  [/^\/channels\/members\/add/, m.audit_channel_add],
  [/^\/channels\/members\/remove/, m.audit_channel_remove],
  [/^\/channels\/members\/roles/, m.audit_channel_roles],
  [/^\/channels/, m.audit_channel],
  [/^\/posts\/delete/, m.audit_post_delete],
  [/^\/posts\/patch/, m.audit_post_edit],
  [/^\/emoji\/delete/, m.audit_emoji_delete],
  [/^\/files/, m.audit_file_link],
];

export function inWords(action: string): string {
  const path = action.replace(/^[A-Z]+ /, '').replace(/^\/api\/v4/, '');
  return MEANINGS.find(([pattern]) => pattern.test(path))?.[1]() ?? path;
}
