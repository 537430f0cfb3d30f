/**
 * What one's roles permit, asked of the server by the roles' names. Only for offering what will work: the server decides,
 * and says so when it disagrees. Roles of an account hold everywhere, those of a membership in their team or channel.
 */
import type { Role } from '@mattermost/types/roles';
import { SvelteMap } from 'svelte/reactivity';
import { client } from '../api/client';
import { channels, type Channel } from './channels.svelte';
import { session } from './session.svelte';
import { teams } from './teams.svelte';

const AT_ONCE = 50;

class Permissions {
  readonly #byName = new SvelteMap<string, ReadonlySet<string>>();
  #asked = new Set<string>();
  #timer: ReturnType<typeof setTimeout> | undefined = undefined;

  ofAccount(permission: string): boolean {
    return this.#has(session.me?.roles, permission);
  }

  ofTeam(teamId: string, permission: string): boolean {
    return this.ofAccount(permission) || this.#has(teams.myMembers.get(teamId)?.roles, permission);
  }

  ofChannel(channel: Pick<Channel, 'id' | 'team_id'>, permission: string): boolean {
    return this.ofTeam(channel.team_id, permission) || this.#has(channels.myMembers.get(channel.id)?.roles, permission);
  }

  /** Whether any of these permissions is there; for what leads to several things. */
  any(permissions: readonly string[]): boolean {
    return permissions.some((permission) => this.ofAccount(permission));
  }

  /** Reads the roles that we hold somewhere, as far as they are not known; or all of them again. */
  async load(again = false): Promise<void> {
    if (again) this.#asked.clear();
    const held = [
      session.me?.roles,
      ...[...teams.myMembers.values(), ...channels.myMembers.values()].map((m) => m.roles),
    ];
    const names = new Set(held.flatMap((list) => list?.split(' ') ?? []).filter(Boolean));
    const unknown = [...names].filter((name) => !this.#asked.has(name));
    for (let from = 0; from < unknown.length; from += AT_ONCE) {
      const part = unknown.slice(from, from + AT_ONCE);
      for (const name of part) this.#asked.add(name);
      for (const role of await client.getRolesByNames(part)) this.set(role);
    }
  }

  set(role: Role): void {
    this.#byName.set(role.name, new Set(role.permissions));
  }

  clear(): void {
    this.#byName.clear();
    this.#asked.clear();
  }

  #loadSoon(): void {
    if (this.#timer) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.load().catch(() => {});
    });
  }

  #has(roles: string | undefined, permission: string): boolean {
    const names = (roles ?? '').split(' ').filter(Boolean);
    // A membership that is new may bring a role that nobody here had before.
    if (names.some((name) => !this.#asked.has(name))) this.#loadSoon();
    return names.some((name) => this.#byName.get(name)?.has(permission));
  }
}

export const permissions = new Permissions();
