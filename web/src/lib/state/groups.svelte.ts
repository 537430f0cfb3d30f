/**
 * Who is in a conversation of several. The server names it after what its people were called when it began; they are shown
 * by what they are called now. Nobody comes or goes later, so it is asked once.
 */
import { SvelteMap } from 'svelte/reactivity';
import { client } from '../api/client';
import { Gather } from './gather';
import { users } from './users.svelte';

const BATCH = 100;

class Groups {
  readonly #members = new SvelteMap<string, string[]>();
  // Until they are known, and where they cannot be, their old names will do.
  readonly #gather = new Gather(BATCH, (ids) => this.#fetch(ids));

  /** Their ids; undefined until they are known. */
  members(channelId: string): string[] | undefined {
    return this.#members.get(channelId);
  }

  need(channelIds: Iterable<string>): void {
    this.#gather.need(channelIds);
  }

  clear(): void {
    this.#members.clear();
    this.#gather.clear();
  }

  async #fetch(ids: string[]): Promise<void> {
    for (const [id, people] of Object.entries(await client.getProfilesInGroupChannels(ids))) {
      users.add(people);
      this.#members.set(
        id,
        people.map((user) => user.id),
      );
    }
  }
}

export const groups = new Groups();
