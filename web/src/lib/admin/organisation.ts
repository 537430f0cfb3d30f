/** Words and forms of an organisation's settings. Pure. */
import type { SignUpPolicy } from '../api/organizations';

export const POLICIES: readonly (readonly [SignUpPolicy, string, string])[] = [
  ['open', 'Anybody', 'Whoever finds this address can make an account.'],
  ['invitation', 'By invitation', 'Only with the invite link of a team, or with one that was mailed.'],
  ['domain', 'By email address', 'Only with an address at one of the domains below.'],
  ['closed', 'Nobody', 'Administrators make accounts.'],
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
