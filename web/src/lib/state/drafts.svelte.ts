/**
 * What was typed and not sent, by channel and thread. Drafts survive a reload, and stay on this browser: the server does
 * not keep any.
 */
import { SvelteMap } from 'svelte/reactivity';
import { keys, load, save } from './storage';

export class Drafts {
  readonly #texts = new SvelteMap<string, string>();
  #prefix = '';

  /** Takes up the drafts of an account. */
  open(userId: string): void {
    this.#prefix = `draft:${userId}:`;
    this.#texts.clear();
    for (const key of keys(this.#prefix)) {
      this.#texts.set(key.slice(this.#prefix.length), load(key, ''));
    }
  }

  get(channelId: string, rootId = ''): string {
    return this.#texts.get(slot(channelId, rootId)) ?? '';
  }

  /** Whether the channel has something unsent, in itself. */
  has(channelId: string): boolean {
    return this.get(channelId).trim() !== '';
  }

  set(channelId: string, rootId: string, text: string): void {
    const key = slot(channelId, rootId);
    if (text.trim()) this.#texts.set(key, text);
    else this.#texts.delete(key);
    save(this.#prefix + key, text.trim() ? text : null);
  }

  /** Forgets them on this page; they stay in the storage for the next login. */
  close(): void {
    this.#texts.clear();
  }
}

/** The name of a place to write in: a channel, or a thread in it. */
export function slot(channelId: string, rootId: string): string {
  return rootId ? `${channelId}/${rootId}` : channelId;
}

export const drafts = new Drafts();
