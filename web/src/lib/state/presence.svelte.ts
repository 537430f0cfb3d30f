/**
 * Who is online, and who is typing. The people of the channel on screen come and go over the socket; everybody shown is
 * asked for when first shown, and then once a minute. Typing comes over the socket too and ends by itself.
 */
import type { UserStatus } from '@mattermost/types/users';
import { SvelteMap } from 'svelte/reactivity';
import { client } from '../api/client';

export type Status = 'online' | 'away' | 'dnd' | 'offline';

const POLL_MS = 60_000;
const GATHER_MS = 150;
const MOST = 200;

class Presence {
  readonly byId = new SvelteMap<string, Status>();
  #shown = new Map<string, number>();
  #soon: ReturnType<typeof setTimeout> | undefined;
  #poll: ReturnType<typeof setInterval> | undefined;

  get(userId: string): Status {
    return this.byId.get(userId) ?? 'offline';
  }

  set(userId: string, status: string): void {
    this.byId.set(userId, status as Status);
  }

  /** Keeps a person's presence up to date until the returned function is called. */
  watch(userId: string): () => void {
    this.#shown.set(userId, (this.#shown.get(userId) ?? 0) + 1);
    if (!this.byId.has(userId) && !this.#soon) this.#soon = setTimeout(() => void this.#ask(true), GATHER_MS);
    return () => {
      const left = (this.#shown.get(userId) ?? 1) - 1;
      if (left > 0) this.#shown.set(userId, left);
      else this.#shown.delete(userId);
    };
  }

  start(): void {
    this.#poll ??= setInterval(() => void this.#ask(false), POLL_MS);
  }

  stop(): void {
    clearInterval(this.#poll);
    this.#poll = undefined;
    this.byId.clear();
  }

  refresh(): void {
    void this.#ask(false);
  }

  async #ask(onlyUnknown: boolean): Promise<void> {
    this.#soon = undefined;
    const ids = [...this.#shown.keys()].filter((id) => id && !(onlyUnknown && this.byId.has(id))).slice(0, MOST);
    if (!ids.length || document.visibilityState === 'hidden') return;
    try {
      const list: UserStatus[] = await client.getStatusesByIds(ids);
      for (const status of list) this.set(status.user_id, status.status);
    } catch {
      // Stale dots are harmless; the next round asks again.
    }
  }
}

export const presence = new Presence();

const TYPING_MS = 6000;

class Typing {
  /** By channel and thread (`channel/root`), who types and when we last heard of it. */
  readonly #heard = new SvelteMap<string, ReadonlyMap<string, number>>();

  in(channelId: string, rootId: string): string[] {
    return [...(this.#heard.get(`${channelId}/${rootId}`)?.keys() ?? [])];
  }

  heard(channelId: string, rootId: string, userId: string): void {
    const key = `${channelId}/${rootId}`;
    const at = Date.now();
    this.#heard.set(key, new Map(this.#heard.get(key)).set(userId, at));
    setTimeout(() => {
      if (this.#heard.get(key)?.get(userId) === at) this.ended(channelId, rootId, userId);
    }, TYPING_MS);
  }

  /** A message of theirs arrived, or they fell silent. */
  ended(channelId: string, rootId: string, userId: string): void {
    const key = `${channelId}/${rootId}`;
    if (!this.#heard.get(key)?.has(userId)) return;
    const rest = new Map(this.#heard.get(key));
    rest.delete(userId);
    if (rest.size) this.#heard.set(key, rest);
    else this.#heard.delete(key);
  }
}

export const typing = new Typing();
