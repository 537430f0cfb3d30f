/** The audit log, with the filters that the official client has no call for. */
import type { Audit } from '@mattermost/types/audits';
import { query, request } from './own';

export interface AuditEntry extends Audit {
  /** What kind of thing it was done to, for example `team`, and to which one. */
  subject_kind: string;
  subject_id: string;
  outcome: 'success' | 'fail' | 'refused';
  user_agent: string;
}

export interface AuditFilter {
  user_id?: string;
  /** Operations whose path begins so. */
  action?: string;
  subject_kind?: string;
  outcome?: string;
  since?: number;
  until?: number;
  page: number;
  per_page: number;
}

export function listAudits(filter: AuditFilter): Promise<AuditEntry[]> {
  return request('get', `/audits${query({ ...filter })}`);
}
