/**
 * The channels that one was in and is no more, by one's own will or not: an old address, out of the history of the browser,
 * does not bring one back into them. Kept over a reload; the oldest are forgotten.
 */
import { session } from './session.svelte';
import { load, save } from './storage';

const MOST = 200;

const key = (): string => `left:${session.myId}`;
const ids = (): string[] => load<string[]>(key(), []);

export const left = {
  has: (channelId: string): boolean => ids().includes(channelId),

  add(channelId: string): void {
    const others = ids().filter((id) => id !== channelId);
    save(key(), [...others, channelId].slice(-MOST));
  },

  delete(channelId: string): void {
    const known = ids();
    if (known.includes(channelId))
      save(
        key(),
        known.filter((id) => id !== channelId),
      );
  },
};
