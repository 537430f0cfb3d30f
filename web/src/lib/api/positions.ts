/**
 * Where this client stands in the logs of its topics (`broadcast.topic`, `topic_seq`): which events it has shown, and what
 * it asks for when it comes back to a server that does not know its connection any more. Pure: no socket, no clock.
 */

import type { Broadcast } from './events.generated';

/** What the server answers to `resume`; see docs/ARCHITECTURE.md. */
export interface Resumed {
  resumed?: string[];
  too_old?: Record<string, number>;
  gone?: string[];
  others?: Record<string, number>;
}

/** Positions that one request may name, and that fit into a message. */
const AT_ONCE = 150;

export class Positions {
  /** The last number shown of each topic, or known otherwise. */
  readonly #shown = new Map<string, number>();
  /** Where topics stood that have told nothing since. */
  readonly #heads = new Map<string, number>();
  /** Asked for and not answered: what these topics say now is said again after the answer. */
  readonly #asked = new Set<string>();

  /** Whether an event is to be shown: not what was shown before, nor what will be said again. */
  accept({ topic, topic_seq: seq }: Pick<Broadcast, 'topic' | 'topic_seq'>): boolean {
    if (!topic || !seq) return true;
    if (this.#asked.has(topic) || seq <= (this.#shown.get(topic) ?? 0)) return false;
    this.#shown.set(topic, seq);
    return true;
  }

  /** Whether an answer is missing, so that the question has to be put again. */
  get waiting(): boolean {
    return this.#asked.size > 0;
  }

  /** Everything that is known, in portions; empty if nothing is. */
  ask(): Record<string, number>[] {
    const all = [...new Map([...this.#heads, ...this.#shown])];
    for (const [topic] of all) this.#asked.add(topic);
    const portions = Array.from({ length: Math.ceil(all.length / AT_ONCE) }, (_, n) => n * AT_ONCE);
    return portions.map((from) => Object.fromEntries(all.slice(from, from + AT_ONCE)));
  }

  /** Takes an answer about `named`. Tells whether something has to be fetched afresh. */
  answered(named: Record<string, number>, answer: Resumed): boolean {
    for (const topic of Object.keys(named)) this.#asked.delete(topic);
    for (const topic of answer.gone ?? []) this.#forget(topic);
    const tooOld = Object.entries(answer.too_old ?? {});
    for (const [topic, head] of tooOld) {
      this.#forget(topic);
      this.#shown.set(topic, head);
    }
    return this.learned(answer) || tooOld.length > 0;
  }

  /** Takes down where topics stand of which nothing was known. Tells whether there are any. */
  learned({ others = {} }: Resumed): boolean {
    const unknown = Object.entries(others).filter(([topic]) => !this.#shown.has(topic) && !this.#heads.has(topic));
    for (const [topic, head] of unknown) this.#heads.set(topic, head);
    return unknown.length > 0;
  }

  /** The server cannot go back: everything is fetched afresh. */
  clear(): void {
    for (const store of [this.#shown, this.#heads, this.#asked]) store.clear();
  }

  #forget(topic: string): void {
    this.#shown.delete(topic);
    this.#heads.delete(topic);
  }
}
