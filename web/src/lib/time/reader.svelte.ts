/**
 * Who reads times here: their zone and hours, as state, and times and days as they read them. The one way in which
 * components show a time; whatever is shown follows when the reader chooses another zone.
 */
import { locale } from '../i18n/locale.svelte';
import { clock } from '../state/clock.svelte';
import { preferences } from '../state/preferences.svelte';
import { session } from '../state/session.svelte';
import { TimeFormat, type Hours } from './format';
import * as zones from './zone';

class Reader {
  /** The account's zone if it was chosen by hand, else the device's, which may change while people travel. */
  readonly zone = $derived.by(() => {
    void clock.minute;
    return chosenZone(session.me?.timezone) || zones.deviceZone();
  });
  readonly hours = $derived(hoursOf(preferences.get('display_settings', 'use_military_time')));
  readonly format = $derived(new TimeFormat(this.zone, this.hours, locale.tag));
}

export const reader = new Reader();

/** The zone that was chosen by hand; empty if none was, or one that this browser does not know. */
export function chosenZone(
  timezone: { useAutomaticTimezone?: boolean | string; manualTimezone?: string } | null | undefined,
): string {
  if (String(timezone?.useAutomaticTimezone ?? 'true') !== 'false') return '';
  const name = timezone?.manualTimezone ?? '';
  return zones.isZone(name) ? name : '';
}

function hoursOf(military: string | undefined): Hours {
  if (military === 'true') return '24';
  return military === 'false' ? '12' : '';
}

export function formatTime(ms: number): string {
  return reader.format.time(ms);
}

export function formatFull(ms: number): string {
  return reader.format.full(ms);
}

export function formatPrecise(ms: number): string {
  return reader.format.precise(ms);
}

export function formatDate(ms: number): string {
  return reader.format.date(ms);
}

export function formatDay(ms: number, now: number): string {
  return reader.format.day(ms, now);
}

export function formatAgo(ms: number, now: number): string {
  return reader.format.ago(ms, now);
}

/** The beginning of a day as typed into a date field (`2026-11-25`), or of one some days later; undefined if it is none. */
export function startOf(day: string, later = 0): number | undefined {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day)) return undefined;
  return zones.startOfDay(zones.daysAfter(day, later), reader.zone);
}

/** A moment for the name of a file. */
export function fileStamp(ms: number): string {
  return zones.fileStamp(ms, reader.zone);
}

export { isoTime } from './zone';
