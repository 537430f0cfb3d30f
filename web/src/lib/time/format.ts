/**
 * Times and days in words, in the reader's own language and in the zone and hours that they chose. Pure: "now" is an
 * argument. Components take `reader.svelte.ts`, which knows who reads.
 */
import * as m from '../messages';
import { dayKey, daysAfter, daysBetween } from './zone';

/** Hours from 1 to 12 or from 0 to 23; empty where the language decides. */
export type Hours = '' | '12' | '24';

const HOURS = { '': {}, '12': { hourCycle: 'h12' }, '24': { hourCycle: 'h23' } } as const;

export class TimeFormat {
  readonly #time: Intl.DateTimeFormat;
  readonly #full: Intl.DateTimeFormat;
  readonly #precise: Intl.DateTimeFormat;
  readonly #date: Intl.DateTimeFormat;
  readonly #day: Intl.DateTimeFormat;
  readonly #dayOfYear: Intl.DateTimeFormat;
  readonly #relative: Intl.RelativeTimeFormat;

  constructor(
    readonly zone: string,
    hours: Hours = '',
    locale?: string,
  ) {
    const format = (options: Intl.DateTimeFormatOptions) =>
      new Intl.DateTimeFormat(locale, { timeZone: zone, ...options });
    this.#time = format({ timeStyle: 'short', ...HOURS[hours] });
    this.#full = format({ dateStyle: 'full', timeStyle: 'short', ...HOURS[hours] });
    this.#precise = format({ dateStyle: 'medium', timeStyle: 'medium', ...HOURS[hours] });
    this.#date = format({ dateStyle: 'medium' });
    this.#day = format({ weekday: 'long', month: 'long', day: 'numeric' });
    this.#dayOfYear = format({ year: 'numeric', month: 'long', day: 'numeric' });
    this.#relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
  }

  /** "14:05" */
  time(ms: number): string {
    return this.#time.format(ms);
  }

  /** "Saturday 28 November 2026 at 14:05" */
  full(ms: number): string {
    return this.#full.format(ms);
  }

  /** "28 Nov 2026, 14:05:09" */
  precise(ms: number): string {
    return this.#precise.format(ms);
  }

  /** "28 Nov 2026" */
  date(ms: number): string {
    return this.#date.format(ms);
  }

  /** "Today", "Yesterday", "Monday, November 16", or with the year when it is another one. */
  day(ms: number, now: number): string {
    const [key, today] = [dayKey(ms, this.zone), dayKey(now, this.zone)];
    if (key === today) return capital(this.#relative.format(0, 'day'));
    if (key === daysAfter(today, -1)) return capital(this.#relative.format(-1, 'day'));
    return (key.slice(0, 4) === today.slice(0, 4) ? this.#day : this.#dayOfYear).format(ms);
  }

  /** "5 minutes ago", "yesterday": for things whose exact time matters little. */
  ago(ms: number, now: number): string {
    const minutes = Math.round((now - ms) / 60_000);
    if (minutes < 1) return m.time_just_now();
    if (minutes < 60) return this.#relative.format(-minutes, 'minute');
    const hours = Math.round(minutes / 60);
    if (hours < 24) return this.#relative.format(-hours, 'hour');
    const days = Math.max(1, daysBetween(dayKey(ms, this.zone), dayKey(now, this.zone)));
    return days < 30 ? this.#relative.format(-days, 'day') : this.#dayOfYear.format(ms);
  }
}

function capital(text: string): string {
  return text.charAt(0).toLocaleUpperCase() + text.slice(1);
}
