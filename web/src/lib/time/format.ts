/** Times and days in the reader's own language and zone. Pure; "now" is an argument. */

const time = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'short' });
const day = new Intl.DateTimeFormat(undefined, { weekday: 'long', month: 'long', day: 'numeric' });
const dayOfYear = new Intl.DateTimeFormat(undefined, { year: 'numeric', month: 'long', day: 'numeric' });
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto' });

export function formatTime(ms: number): string {
  return time.format(ms);
}

export function formatFull(ms: number): string {
  return full.format(ms);
}

/** The local day of a moment as a key that can be compared: `2026-11-22`. */
export function dayKey(ms: number): string {
  const date = new Date(ms);
  return `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
}

/** "Today", "Yesterday", "Monday, November 16", or with the year when it is another one. */
export function formatDay(ms: number, now: number): string {
  if (dayKey(ms) === dayKey(now)) return capital(relative.format(0, 'day'));
  if (dayKey(ms) === dayKey(now - 86_400_000)) return capital(relative.format(-1, 'day'));
  const sameYear = new Date(ms).getFullYear() === new Date(now).getFullYear();
  return sameYear ? day.format(ms) : dayOfYear.format(ms);
}

/** "5 minutes ago", "yesterday": for things whose exact time matters little. */
export function formatAgo(ms: number, now: number): string {
  const minutes = Math.round((now - ms) / 60_000);
  if (minutes < 1) return 'just now';
  if (minutes < 60) return relative.format(-minutes, 'minute');
  const hours = Math.round(minutes / 60);
  if (hours < 24) return relative.format(-hours, 'hour');
  const days = Math.round(hours / 24);
  return days < 30 ? relative.format(-days, 'day') : dayOfYear.format(ms);
}

function pad(value: number): string {
  return String(value).padStart(2, '0');
}

function capital(text: string): string {
  return text.charAt(0).toLocaleUpperCase() + text.slice(1);
}
