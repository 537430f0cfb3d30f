/**
 * Whether somebody is at this page. The server takes for away of whom it heard nothing for five minutes: so it is told
 * when the person does something, at most once a minute, and when they have stopped or look elsewhere. What it makes of
 * that, other pages of the same person considered, is shown by `presence.svelte.ts`.
 */
import { connection } from './connection.svelte';

const AGAIN_MS = 60_000;
/** A moment longer than the server's five minutes: they must be over when it is asked to look. */
const IDLE_MS = 5 * 60_000 + 3000;
const SIGNS = ['keydown', 'pointerdown', 'pointermove', 'wheel'];

class Activity {
  #toldAt = -Infinity;
  #idle: ReturnType<typeof setTimeout> | undefined;

  start(): void {
    for (const sign of SIGNS) addEventListener(sign, this.#acted, { capture: true, passive: true });
    document.addEventListener('visibilitychange', this.#looked);
    this.#arm();
  }

  stop(): void {
    for (const sign of SIGNS) removeEventListener(sign, this.#acted, { capture: true });
    document.removeEventListener('visibilitychange', this.#looked);
    clearTimeout(this.#idle);
    this.#toldAt = -Infinity;
  }

  /** Another connection: what was told on the last one may never have arrived. */
  renew(): void {
    this.#toldAt = -Infinity;
  }

  #acted = (): void => {
    if (Date.now() - this.#toldAt < AGAIN_MS) return;
    this.#toldAt = Date.now();
    this.#tell(true);
    this.#arm();
  };

  #looked = (): void => {
    if (document.visibilityState === 'visible') this.#acted();
    else this.#rested();
  };

  /** The next sign of the person is told at once. */
  #rested = (): void => {
    this.#toldAt = -Infinity;
    this.#tell(false);
  };

  #arm(): void {
    clearTimeout(this.#idle);
    this.#idle = setTimeout(this.#rested, IDLE_MS);
  }

  #tell(active: boolean): void {
    connection.send('user_update_active_status', { user_is_active: active, manual: false });
  }
}

export const activity = new Activity();
