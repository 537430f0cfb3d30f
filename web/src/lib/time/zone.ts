/**
 * Moments and days in a time zone: which day a moment belongs to, when a day begins, how far the zone is from UTC. Pure.
 * A day is a key that can be compared and that the search understands: `2026-11-22`.
 */

const DAY_MS = 86_400_000;

interface Fields {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** The zone that this device is set to. */
export function deviceZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';
}

/** Whether this browser knows a zone of that name. */
export function isZone(name: string): boolean {
  try {
    return name !== '' && fieldsFormat(name) !== null;
  } catch {
    return false;
  }
}

/** The zones that this browser knows, by name. */
export function allZones(): string[] {
  const zones = Intl.supportedValuesOf?.('timeZone') ?? [];
  return zones.includes('UTC') ? zones : [...zones, 'UTC'];
}

/** The day of a moment. */
export function dayKey(ms: number, zone: string): string {
  const { year, month, day } = fieldsOf(ms, zone);
  return keyOf(Date.UTC(year, month - 1, day));
}

/** The day some days after another, by the calendar. */
export function daysAfter(key: string, days: number): string {
  return keyOf(utcStart(key) + days * DAY_MS);
}

/** How many days one day lies after another, by the calendar. */
export function daysBetween(from: string, to: string): number {
  return Math.round((utcStart(to) - utcStart(from)) / DAY_MS);
}

/** Seconds that clocks in the zone are ahead of UTC at a moment: east is positive, as in the protocol's `time_zone_offset`. */
export function offsetAt(ms: number, zone: string): number {
  const { year, month, day, hour, minute, second } = fieldsOf(ms, zone);
  return Math.round(Date.UTC(year, month - 1, day, hour, minute, second) / 1000 - Math.floor(ms / 1000));
}

/**
 * The first moment of a day. Clocks may be put forward at midnight, or back to before it, so this is not always what is
 * called 00:00: of the moments that the offsets before and after give, it is the first that belongs to the day.
 */
export function startOfDay(key: string, zone: string): number {
  const utc = utcStart(key);
  const moments = [utc - DAY_MS, utc + DAY_MS].map((near) => utc - offsetAt(near, zone) * 1000);
  const [first = utc, second = utc] = moments.sort((a, b) => a - b);
  return dayKey(first, zone) >= key ? first : second;
}

/** A moment for `<time datetime>`. */
export function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}

/** A moment for the name of a file: `2026-11-22 14-05-09`. */
export function fileStamp(ms: number, zone: string): string {
  const { hour, minute, second } = fieldsOf(ms, zone);
  return `${dayKey(ms, zone)} ${[hour, minute, second].map((value) => String(value).padStart(2, '0')).join('-')}`;
}

function fieldsOf(ms: number, zone: string): Fields {
  const fields: Record<string, number> = {};
  for (const { type, value } of fieldsFormat(zone).formatToParts(ms)) fields[type] = Number(value);
  return fields as unknown as Fields;
}

function fieldsFormat(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known) return known;
  const numbers = { year: 'numeric', month: '2-digit', day: '2-digit' } as const;
  const clock = { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' } as const;
  const made = new Intl.DateTimeFormat('en-US-u-ca-gregory-nu-latn', { timeZone: zone, ...numbers, ...clock });
  formats.set(zone, made);
  return made;
}

/** The moment that would begin the day in UTC. */
function utcStart(key: string): number {
  const [year = 1970, month = 1, day = 1] = key.split('-').map(Number);
  return Date.UTC(year, month - 1, day);
}

function keyOf(utc: number): string {
  return new Date(utc).toISOString().slice(0, 10);
}
