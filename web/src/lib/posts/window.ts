/**
 * The part of a channel's history that is in memory: a gapless run of post ids, oldest first, ordered by `create_at`
 * and, among equals, by arrival. Pure functions on immutable values; `at` looks up a post's time.
 */
export interface PostWindow {
  readonly ids: readonly string[];
  /** Nothing lies before the first id. */
  readonly atStart: boolean;
  /** Nothing lies after the last id: new posts belong at its end. */
  readonly atEnd: boolean;
}

export type TimeOf = (id: string) => number;

export const emptyWindow: PostWindow = { ids: [], atStart: false, atEnd: false };

/** A window from a page of the API, whose order is newest first. */
export function fromPage(order: readonly string[], atStart: boolean, atEnd: boolean): PostWindow {
  return { ids: unique([...order].reverse()), atStart, atEnd };
}

/** Adds the page that lies before the window. */
export function prependPage(window: PostWindow, order: readonly string[], atStart: boolean): PostWindow {
  return { ...window, ids: unique([...[...order].reverse(), ...window.ids]), atStart };
}

/** Adds the page that lies after the window. */
export function appendPage(window: PostWindow, order: readonly string[], atEnd: boolean): PostWindow {
  return { ...window, ids: unique([...window.ids, ...[...order].reverse()]), atEnd };
}

/** The older part of a window that is too long: the end is no longer in it. */
export function keepFirst(window: PostWindow, most: number): PostWindow {
  if (window.ids.length <= most) return window;
  return { ...window, ids: window.ids.slice(0, most), atEnd: false };
}

/** The newer part of a window that is too long: the start is no longer in it. */
export function keepLast(window: PostWindow, most: number): PostWindow {
  if (window.ids.length <= most) return window;
  return { ...window, ids: window.ids.slice(-most), atStart: false };
}

/**
 * Puts one post where its time says. A post outside of what the window covers is left out, or there would be a gap that
 * nobody sees: before the first id unless the window begins at the start, after the last unless it reaches the end.
 */
export function insert(window: PostWindow, id: string, at: TimeOf): PostWindow {
  const { ids } = window;
  if (ids.includes(id)) return window;
  const place = placeOf(ids, at(id), at);
  if (place === 0 && !window.atStart && !(ids.length === 0 && window.atEnd)) return window;
  if (place === ids.length && !window.atEnd) return window;
  return { ...window, ids: [...ids.slice(0, place), id, ...ids.slice(place)] };
}

export function remove(window: PostWindow, gone: ReadonlySet<string>): PostWindow {
  if (!window.ids.some((id) => gone.has(id))) return window;
  return { ...window, ids: window.ids.filter((id) => !gone.has(id)) };
}

/** The first place after everything that is not newer; posts nearly always belong at the end, so look from there. */
function placeOf(ids: readonly string[], time: number, at: TimeOf): number {
  let place = ids.length;
  while (place > 0 && at(ids[place - 1] as string) > time) place--;
  return place;
}

function unique(ids: string[]): string[] {
  return [...new Set(ids)];
}
