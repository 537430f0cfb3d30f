/**
 * What was typed and not sent, by channel and thread. Drafts survive a reload, are the same in all tabs, and stay on this
 * browser: the server does not keep any.
 */
import { SvelteMap } from 'svelte/reactivity';
import { keys, listen, load, save } from './storage';

export class Drafts {
  readonly #texts = new SvelteMap<string, string>();
  #prefix = '';
  #stop = () => {};

  /** Takes up the drafts of an account. */
  open(userId: string): void {
    this.close();
    this.#prefix = `draft:${userId}:`;
    for (const key of keys(this.#prefix)) this.#take(key);
    this.#stop = listen(this.#prefix, (key) => this.#take(key));
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
    this.#texts.set(key, text);
    save(this.#prefix + key, text.trim() ? text : null);
  }

  /** Forgets them on this page; they stay in the storage for the next login. */
  close(): void {
    this.#stop();
    this.#texts.clear();
  }

  #take(key: string): void {
    this.#texts.set(key.slice(this.#prefix.length), load(key, ''));
  }
}

/** The name of a place to write in: a channel, or a thread in it. */
export function slot(channelId: string, rootId: string): string {
  return rootId ? `${channelId}/${rootId}` : channelId;
}

export const drafts = new Drafts();
