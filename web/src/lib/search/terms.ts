/**
 * What this client reads in search terms: the days that they name. The server reads all of them; it is told how far the
 * searcher's days are from those of UTC, in one number. Pure.
 */
import { daysAfter, offsetAt, startOfDay } from '../time/zone';

/** The first of the days that terms name and the operator before it; people put a space behind the colon, or do not. */
export function dayOf(terms: string): { operator: string; day: string } | null {
  // What stands in quotes is looked for as it is.
  const plain = terms.replace(/"[^"]*(?:"|$)/g, ' ');
  const match = /(?:^|\s)-?(before|after|on):\s*(\d{4}-\d{2}-\d{2})(?=\s|$)/i.exec(plain);
  return match ? { operator: (match[1] ?? '').toLowerCase(), day: match[2] ?? '' } : null;
}

/**
 * Seconds that the searcher's days begin before those of UTC (`time_zone_offset`): at the day that is asked for, which may
 * have another offset than today where clocks are changed.
 */
export function offsetFor(terms: string, zone: string, now: number): number {
  const asked = dayOf(terms);
  if (!asked) return offsetAt(now, zone);
  // What was written after a day was written from the beginning of the next one on.
  const day = asked.operator === 'after' ? daysAfter(asked.day, 1) : asked.day;
  return offsetAt(startOfDay(day, zone), zone);
}
