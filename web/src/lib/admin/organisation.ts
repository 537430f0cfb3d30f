/** Words and forms of an organisation's settings. Pure. */
import type { SignUpPolicy } from '../api/organizations';
import * as m from '../messages';

export const POLICIES: readonly (readonly [SignUpPolicy, title: () => string, hint: () => string])[] = [
  ['open', m.admin_policy_open, m.admin_policy_open_hint],
  ['invitation', m.admin_policy_invitation, m.admin_policy_invitation_hint],
  ['domain', m.admin_policy_domain, m.admin_policy_domain_hint],
  ['closed', m.admin_policy_closed, m.admin_policy_closed_hint],
];

export const GIGABYTE = 1024 ** 3;
export const MEGABYTE = 1024 ** 2;

/** `a.example, b.example` as a list: separated by commas or spaces, without an @ before. */
export function domainList(text: string): string[] {
  const parts = text.split(/[\s,;]+/).map((part) => part.trim().replace(/^@/, '').toLowerCase());
  return [...new Set(parts.filter(Boolean))];
}

/** A number from a field; empty is 0, and nonsense is told apart by NaN. */
export function wholeNumber(text: string): number {
  const trimmed = text.trim();
  if (!trimmed) return 0;
  return /^\d{1,15}$/.test(trimmed) ? Number(trimmed) : NaN;
}
