/** The parts of the administration, and what lets one see each. */
import { permissions } from '../state/permissions.svelte';
import { session } from '../state/session.svelte';

export type SectionKey =
  'people' | 'organisation' | 'roles' | 'schemes' | 'bots' | 'tokens' | 'audit' | 'usage' | 'organisations';

export interface Section {
  key: SectionKey;
  title: string;
}

const READS: [SectionKey, string, readonly string[]][] = [
  ['people', 'People', ['sysconsole_read_user_management_users']],
  ['organisation', 'Organisation', []],
  ['roles', 'Roles', ['sysconsole_read_user_management_permissions']],
  ['schemes', 'Schemes', ['sysconsole_read_user_management_permissions']],
  ['bots', 'Bots', ['read_others_bots', 'manage_others_bots']],
  ['tokens', 'Access tokens', []],
  ['audit', 'Audit log', ['read_audits']],
  ['usage', 'Usage', []],
];

/** Shown to whoever the server shows their organisation. */
const OF_ORGANISATION: SectionKey[] = ['organisation', 'usage'];

/** What this account may see; empty for those who have nothing to look for here. Operators see all organisations. */
export function sections(operator: boolean, own = false): Section[] {
  const seen = READS.filter(([key, , any]) =>
    OF_ORGANISATION.includes(key) ? own : session.isAdmin || permissions.any(any),
  );
  const list = seen.map(([key, title]): Section => ({ key, title }));
  return operator ? [...list, { key: 'organisations', title: 'Organisations' }] : list;
}
