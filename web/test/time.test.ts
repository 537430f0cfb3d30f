import type { UserProfile } from '@mattermost/types/users';
import { afterEach, describe, expect, it } from 'vitest';
import { preferences } from '../src/lib/state/preferences.svelte';
import { session } from '../src/lib/state/session.svelte';
import { clock } from '../src/lib/state/clock.svelte';
import { TimeFormat } from '../src/lib/time/format';
import { chosenZone, fileStamp, formatDay, formatTime, reader, startOf } from '../src/lib/time/reader.svelte';
import { dayKey, daysAfter, daysBetween, deviceZone, isZone, offsetAt, startOfDay } from '../src/lib/time/zone';

const at = (text: string) => Date.parse(text);
const HOUR = 3_600_000;

describe('the day of a moment', () => {
  it.each([
    ['Asia/Kolkata', '2026-05-12T18:29:59Z', '2026-05-12'],
    ['Asia/Kolkata', '2026-05-12T18:30:00Z', '2026-05-13'],
    ['America/St_Johns', '2026-11-01T02:29:59Z', '2026-10-31'],
    ['America/St_Johns', '2026-11-01T02:30:00Z', '2026-11-01'],
    ['Pacific/Apia', '2026-11-28T10:59:59Z', '2026-11-28'],
    ['Pacific/Apia', '2026-11-28T11:00:00Z', '2026-11-29'],
    ['Pacific/Apia', '2011-12-30T09:59:59Z', '2011-12-29'],
    ['Pacific/Apia', '2011-12-30T10:00:00Z', '2011-12-31'],
    ['Pacific/Pago_Pago', '2026-01-01T10:59:59Z', '2025-12-31'],
    ['UTC', '2026-12-31T23:59:59.999Z', '2026-12-31'],
  ])('in %s at %s is %s', (zone, moment, day) => expect(dayKey(at(moment), zone)).toBe(day));

  it('is counted by the calendar', () => {
    expect(daysAfter('2026-12-31', 1)).toBe('2027-01-01');
    expect(daysAfter('2028-03-01', -1)).toBe('2028-02-29');
    expect(daysBetween('2026-10-24', '2026-10-26')).toBe(2);
  });
});

describe('the beginning of a day', () => {
  it.each([
    ['Asia/Kolkata', '2026-05-13', '2026-05-12T18:30:00Z'],
    ['Pacific/Apia', '2026-11-29', '2026-11-28T11:00:00Z'],
    // Clocks go back and forward in the night: the day before, on the day and after it.
    ['America/St_Johns', '2026-11-01', '2026-11-01T02:30:00Z'],
    ['America/St_Johns', '2026-11-02', '2026-11-02T03:30:00Z'],
    ['America/St_Johns', '2026-03-08', '2026-03-08T03:30:00Z'],
    ['America/St_Johns', '2026-03-09', '2026-03-09T02:30:00Z'],
    // There was no midnight: clocks went from it to one o'clock.
    ['America/Sao_Paulo', '2018-11-04', '2018-11-04T03:00:00Z'],
    // Midnight came twice, and the second one is the day's; and an hour that began the day came twice.
    ['America/Sao_Paulo', '2018-02-18', '2018-02-18T03:00:00Z'],
    ['Atlantic/Azores', '2026-10-25', '2026-10-25T00:00:00Z'],
    // A day that was left out.
    ['Pacific/Apia', '2011-12-30', '2011-12-30T10:00:00Z'],
    ['Pacific/Apia', '2011-12-31', '2011-12-30T10:00:00Z'],
  ])('in %s of %s is %s', (zone, day, moment) => expect(startOfDay(day, zone)).toBe(at(moment)));

  it('belongs to the day, and the moment before it does not, all year round', () => {
    for (const zone of ['America/St_Johns', 'Pacific/Apia', 'Africa/Cairo', 'Australia/Lord_Howe', 'Asia/Kathmandu']) {
      for (let day = '2025-12-30'; day < '2027-01-03'; day = daysAfter(day, 1)) {
        const start = startOfDay(day, zone);
        expect([dayKey(start, zone), dayKey(start - 1, zone)], zone).toEqual([day, daysAfter(day, -1)]);
      }
    }
  });
});

describe('how far a zone is from UTC', () => {
  it.each([
    ['Asia/Kolkata', '2026-01-01T00:00:00Z', 19_800],
    ['America/St_Johns', '2026-01-01T00:00:00Z', -12_600],
    ['America/St_Johns', '2026-07-01T00:00:00.500Z', -9_000],
    ['Pacific/Apia', '2026-07-01T00:00:00Z', 46_800],
    ['UTC', '2026-07-01T00:00:00Z', 0],
    ['UTC', '1969-12-31T23:59:59.500Z', 0],
  ])('%s at %s: %d s', (zone, moment, seconds) => expect(offsetAt(at(moment), zone)).toBe(seconds));
});

describe('days in words', () => {
  const berlin = new TimeFormat('Europe/Berlin', '', 'en-GB');

  it('are named near today', () => {
    const now = at('2026-05-12T12:00:00Z');
    expect(berlin.day(now, now)).toBe('Today');
    expect(berlin.day(now - 24 * HOUR, now)).toBe('Yesterday');
    expect(berlin.day(now - 72 * HOUR, now)).toBe('Saturday 9 May');
    expect(berlin.day(now - 400 * 24 * HOUR, now)).toBe('7 April 2025');
  });

  it('are right on a day of 25 hours, and after one of 23', () => {
    const late = at('2026-10-25T22:30:00Z');
    expect(berlin.day(at('2026-10-24T22:30:00Z'), late)).toBe('Today');
    expect(berlin.day(at('2026-10-24T12:00:00Z'), late)).toBe('Yesterday');
    const early = at('2026-03-29T22:30:00Z');
    expect(berlin.day(at('2026-03-29T08:00:00Z'), early)).toBe('Yesterday');
    expect(berlin.day(at('2026-03-28T22:30:00Z'), early)).toBe('Saturday 28 March');
  });

  it('are not the same for all readers', () => {
    const [moment, now] = [at('2026-05-12T20:00:00Z'), at('2026-05-13T08:00:00Z')];
    expect(berlin.day(moment, now)).toBe('Yesterday');
    expect(new TimeFormat('Asia/Kolkata', '', 'en-GB').day(moment, now)).toBe('Today');
  });

  it('that are some time ago are counted by the calendar', () => {
    const now = at('2026-05-13T00:00:00Z');
    expect(berlin.ago(now - 20_000, now)).toBe('just now');
    expect(berlin.ago(now - 5 * 60_000, now)).toBe('5 minutes ago');
    expect(berlin.ago(now - 23 * HOUR, now)).toBe('23 hours ago');
    expect(berlin.ago(now - 25 * HOUR, now)).toBe('yesterday');
    expect(berlin.ago(now - 27 * HOUR, now)).toBe('2 days ago');
    expect(berlin.ago(now - 60 * 24 * HOUR, now)).toBe('14 March 2026');
  });
});

describe('times', () => {
  const moment = at('2026-01-15T18:35:09Z');
  const plain = (text: string) => text.replaceAll('\u202f', ' ');

  it('have the hours of the language, unless others were chosen', () => {
    expect(plain(new TimeFormat('Asia/Kolkata', '', 'en-US').time(moment))).toBe('12:05 AM');
    expect(plain(new TimeFormat('Asia/Kolkata', '24', 'en-US').time(moment))).toBe('00:05');
    expect(plain(new TimeFormat('Asia/Kolkata', '', 'en-GB').time(moment))).toBe('00:05');
    expect(plain(new TimeFormat('Asia/Kolkata', '12', 'en-GB').time(moment))).toBe('12:05 am');
  });

  it('are in one zone, short or long', () => {
    const kolkata = new TimeFormat('Asia/Kolkata', '24', 'en-GB');
    expect(kolkata.full(moment)).toMatch(/^Friday,? 16 January 2026 at 00:05$/);
    expect(kolkata.precise(moment)).toBe('16 Jan 2026, 00:05:09');
    expect(kolkata.date(moment)).toBe('16 Jan 2026');
  });
});

describe('who reads', () => {
  const device = process.env.TZ;
  const zoned = (timezone: object) => (session.me = { id: 'me', timezone } as UserProfile);

  /** Sets the zone of this device, as if somebody travelled. */
  function travel(zone: string): void {
    process.env.TZ = zone;
    clock.minute += 1;
  }

  afterEach(() => {
    if (device === undefined) delete process.env.TZ;
    else process.env.TZ = device;
    session.me = null;
    preferences.clear();
  });

  it.each(['Asia/Kolkata', 'America/St_Johns', 'Pacific/Apia'])('has the zone of the device: %s', (zone) => {
    travel(zone);
    expect(deviceZone()).toMatch(zone === 'Asia/Kolkata' ? /Kolkata|Calcutta/ : zone);
    expect(reader.zone).toBe(deviceZone());
    expect(startOf('2026-11-01')).toBe(new Date(2026, 10, 1).getTime());
    expect(startOf('2026-11-01', 1)).toBe(new Date(2026, 10, 2).getTime());
    expect(startOf('yesterday')).toBeUndefined();
  });

  it('has the zone of the account where that was chosen by hand', () => {
    travel('Europe/Berlin');
    const moment = at('2026-05-12T20:00:00Z');
    zoned({ useAutomaticTimezone: 'true', automaticTimezone: 'Asia/Tokyo', manualTimezone: 'Asia/Kolkata' });
    expect(reader.zone).toBe('Europe/Berlin');
    expect(formatDay(moment, moment + 8 * HOUR)).toBe('Yesterday');
    zoned({ useAutomaticTimezone: 'false', automaticTimezone: 'Asia/Tokyo', manualTimezone: 'Asia/Kolkata' });
    expect(reader.zone).toBe('Asia/Kolkata');
    expect(formatDay(moment, moment + 8 * HOUR)).toBe('Today');
    expect(fileStamp(moment)).toBe('2026-05-13 01-30-00');
  });

  it('is not left without a time by a zone that this browser does not know', () => {
    expect(chosenZone({ useAutomaticTimezone: 'false', manualTimezone: 'Moon/Tycho' })).toBe('');
    expect(chosenZone({ useAutomaticTimezone: false, manualTimezone: 'Asia/Kolkata' })).toBe('Asia/Kolkata');
    expect(chosenZone({})).toBe('');
    expect(chosenZone(null)).toBe('');
    expect([isZone(''), isZone('Asia/Kolkata')]).toEqual([false, true]);
  });

  it('has the hours that the account prefers', () => {
    zoned({ useAutomaticTimezone: 'false', manualTimezone: 'Asia/Kolkata' });
    const set = (value: string) =>
      preferences.set([{ user_id: 'me', category: 'display_settings', name: 'use_military_time', value }]);
    const moment = at('2026-01-15T10:35:00Z');
    set('true');
    expect(formatTime(moment)).toBe('16:05');
    set('false');
    expect(formatTime(moment)).toMatch(/^4:05.pm$/i);
  });
});
