import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { activity } from '../src/lib/state/activity';
import { connection } from '../src/lib/state/connection.svelte';

const MINUTE = 60_000;
let told: unknown[];

beforeEach(() => {
  vi.useFakeTimers();
  told = [];
  vi.spyOn(connection, 'send').mockImplementation((action, data) => {
    expect(action).toBe('user_update_active_status');
    expect(data.manual).toBe(false);
    told.push(data.user_is_active);
  });
  activity.start();
});
afterEach(() => {
  activity.stop();
  vi.useRealTimers();
  vi.restoreAllMocks();
});

function press(): void {
  document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'a', bubbles: true }));
}

function show(state: DocumentVisibilityState): void {
  vi.spyOn(document, 'visibilityState', 'get').mockReturnValue(state);
  document.dispatchEvent(new Event('visibilitychange'));
}

describe('activity', () => {
  it('is told at once, and then once a minute for as long as it goes on', () => {
    press();
    press();
    expect(told).toEqual([true]);
    vi.advanceTimersByTime(MINUTE - 1);
    press();
    expect(told).toEqual([true]);
    vi.advanceTimersByTime(1);
    press();
    expect(told).toEqual([true, true]);
  });

  it('ends after five minutes without a sign, and comes back with the next one', () => {
    vi.advanceTimersByTime(3 * MINUTE);
    press();
    vi.advanceTimersByTime(5 * MINUTE);
    expect(told).toEqual([true]);
    vi.advanceTimersByTime(MINUTE);
    expect(told).toEqual([true, false]);
    press();
    expect(told).toEqual([true, false, true]);
  });

  it('ends when the page is hidden, and comes back with it', () => {
    press();
    show('hidden');
    expect(told).toEqual([true, false]);
    show('visible');
    expect(told).toEqual([true, false, true]);
  });

  it('is told again on a new connection, and not after the end', () => {
    press();
    activity.renew();
    press();
    expect(told).toEqual([true, true]);
    activity.stop();
    press();
    vi.advanceTimersByTime(10 * MINUTE);
    expect(told).toEqual([true, true]);
  });
});
