/**
 * Who is in a conversation of several. The server names it after what its people were called when it began; they are shown
 * by what they are called now. Nobody comes or goes later, so it is asked once.
 */
import { SvelteMap } from 'svelte/reactivity';
import { client } from '../api/client';
import { users } from './users.svelte';

const BATCH = 100;
const GATHER_MS = 30;

class Groups {
  readonly #members = new SvelteMap<string, string[]>();
  #asked = new Set<string>();
  #wanted = new Set<string>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Their ids; undefined until they are known. */
  members(channelId: string): string[] | undefined {
    return this.#members.get(channelId);
  }

  need(channelIds: Iterable<string>): void {
    for (const id of channelIds) if (!this.#asked.has(id)) this.#wanted.add(id);
    if (this.#wanted.size && !this.#timer) this.#timer = setTimeout(() => void this.#fetch(), GATHER_MS);
  }

  clear(): void {
    this.#members.clear();
    this.#asked.clear();
    this.#wanted.clear();
  }

  async #fetch(): Promise<void> {
    this.#timer = undefined;
    const ids = [...this.#wanted].slice(0, BATCH);
    for (const id of ids) {
      this.#wanted.delete(id);
      this.#asked.add(id);
    }
    this.need([]);
    try {
      for (const [id, people] of Object.entries(await client.getProfilesInGroupChannels(ids))) {
        users.add(people);
        this.#members.set(
          id,
          people.map((user) => user.id),
        );
      }
    } catch {
      // Until the lists are read again, their old names will do.
      for (const id of ids) this.#asked.delete(id);
    }
  }
}

export const groups = new Groups();
