/** The parts of the administration, and what lets one see each. */
import * as m from '../messages';
import { permissions } from '../state/permissions.svelte';
import { session } from '../state/session.svelte';

export type SectionKey =
  'people' | 'organisation' | 'roles' | 'schemes' | 'bots' | 'tokens' | 'audit' | 'usage' | 'organisations';

export interface Section {
  key: SectionKey;
  title: string;
}

const READS: [SectionKey, () => string, readonly string[]][] = [
  ['people', m.common_people, ['sysconsole_read_user_management_users']],
  ['organisation', m.admin_organisation, []],
  ['roles', m.admin_roles, ['sysconsole_read_user_management_permissions']],
  ['schemes', m.admin_schemes, ['sysconsole_read_user_management_permissions']],
  ['bots', m.admin_bots, ['read_others_bots', 'manage_others_bots']],
  ['tokens', m.common_access_tokens, []],
  ['audit', m.admin_audit, ['read_audits']],
  ['usage', m.admin_usage, []],
];

/** Shown to whoever the server shows their organisation. */
const OF_ORGANISATION: SectionKey[] = ['organisation', 'usage'];

/** What this account may see; empty for those who have nothing to look for here. Operators see all organisations. */
export function sections(operator: boolean, own = false): Section[] {
  const seen = READS.filter(([key, , any]) =>
    OF_ORGANISATION.includes(key) ? own : session.isAdmin || permissions.any(any),
  );
  const list = seen.map(([key, title]): Section => ({ key, title: title() }));
  return operator ? [...list, { key: 'organisations', title: m.admin_organisations() }] : list;
}
