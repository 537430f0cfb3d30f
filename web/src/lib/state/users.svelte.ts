/**
 * The people we know of, by id. Profiles are asked for in batches: components say whom they need, one request brings
 * them all. Presence lies in `presence.svelte.ts`.
 */
import type { UserProfile } from '@mattermost/types/users';
import { SvelteMap } from 'svelte/reactivity';
import { client } from '../api/client';
import { isBlank } from '../blank';
import * as m from '../messages';
import { Gather } from './gather';
import { session } from './session.svelte';

const BATCH = 100;

class Users {
  readonly byId = new SvelteMap<string, UserProfile>();
  readonly idByName = new SvelteMap<string, string>();
  readonly #gather = new Gather(BATCH, async (ids) => this.add(await client.getProfilesByIds(ids)));
  readonly #names = new Gather(BATCH, async (names) => this.add(await client.getProfilesByUsernames(names)));

  get(id: string): UserProfile | undefined {
    return this.byId.get(id);
  }

  named(username: string): UserProfile | undefined {
    const id = this.idByName.get(username.toLowerCase());
    return id ? this.byId.get(id) : undefined;
  }

  add(list: readonly UserProfile[]): void {
    for (const user of list) {
      const before = this.byId.get(user.id)?.username.toLowerCase() ?? '';
      // Somebody else may have taken it.
      if (this.idByName.get(before) === user.id) this.idByName.delete(before);
      this.byId.set(user.id, { ...this.byId.get(user.id), ...user });
      this.idByName.set(user.username.toLowerCase(), user.id);
    }
  }

  /** Sees to it that these profiles arrive, if they exist. */
  need(ids: Iterable<string>): void {
    this.#gather.need([...ids].filter((id) => id && !this.byId.has(id)));
  }

  /** The same of those who are called so, if anybody is: a name that nobody has is asked for once. */
  needNamed(names: Iterable<string>): void {
    this.#names.need([...names].filter((name) => name && !this.named(name)));
  }

  /** Somebody is new: a name that nobody had may be theirs. */
  met(): void {
    this.#names.forget();
  }

  async byName(username: string): Promise<UserProfile> {
    const known = this.named(username);
    if (known) return known;
    const user = await client.getUserByUsername(username);
    this.add([user]);
    return user;
  }

  clear(): void {
    this.byId.clear();
    this.idByName.clear();
    this.#gather.clear();
    this.#names.clear();
  }
}

export const users = new Users();

/** How a person is called here, by the server's setting. */
export function displayName(user: UserProfile | undefined): string {
  if (!user) return m.common_someone();
  const fullName = seen(`${user.first_name ?? ''} ${user.last_name ?? ''}`);
  switch (session.config.TeammateNameDisplay) {
    case 'username':
      return user.username;
    case 'full_name':
      return fullName || user.username;
    default:
      return seen(user.nickname ?? '') || fullName || user.username;
  }
}

/** A name of signs that have no look is none. */
function seen(name: string): string {
  return isBlank(name) ? '' : name.trim();
}
