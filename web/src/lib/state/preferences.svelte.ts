/** The account's preferences, as far as this client knows what they mean. Kept as `category/name → value`. */
import type { PreferenceType } from '@mattermost/types/preferences';
import { SvelteMap } from 'svelte/reactivity';
import { client } from '../api/client';
import { session } from './session.svelte';

class Preferences {
  readonly #values = new SvelteMap<string, string>();

  get(category: string, name: string): string | undefined {
    return this.#values.get(`${category}/${name}`);
  }

  async load(): Promise<void> {
    // The declared type of this call is a single preference; the answer is a list.
    const list = (await client.getMyPreferences()) as unknown as PreferenceType[];
    this.#values.clear();
    this.set(list);
  }

  async save(category: string, name: string, value: string): Promise<void> {
    const preference = { user_id: session.myId, category, name, value };
    this.set([preference]);
    await client.savePreferences(session.myId, [preference]);
  }

  /** Goes back to what holds for those who chose nothing. */
  async drop(category: string, name: string): Promise<void> {
    const preference = { user_id: session.myId, category, name, value: '' };
    this.unset([preference]);
    await client.deletePreferences(session.myId, [preference]);
  }

  set(list: readonly PreferenceType[]): void {
    for (const { category, name, value } of list) this.#values.set(`${category}/${name}`, value ?? '');
  }

  unset(list: readonly PreferenceType[]): void {
    for (const { category, name } of list) this.#values.delete(`${category}/${name}`);
  }

  clear(): void {
    this.#values.clear();
  }
}

export const preferences = new Preferences();
