/** The messages whose link preview was folded up, on this browser; of long ago they are forgotten. */
import { SvelteSet } from 'svelte/reactivity';
import { load, save } from './storage';

const MOST = 200;

class Collapsed {
  readonly #ids = new SvelteSet<string>(load<string[]>('collapsed', []));

  has(postId: string): boolean {
    return this.#ids.has(postId);
  }

  set(postId: string, value: boolean): void {
    if (value) this.#ids.add(postId);
    else this.#ids.delete(postId);
    save('collapsed', [...this.#ids].slice(-MOST));
  }
}

export const collapsed = new Collapsed();
