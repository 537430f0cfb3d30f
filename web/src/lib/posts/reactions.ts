/** The reactions to a message as they are shown: one chip for each emoji, by whichever of its names people called it. Pure. */
import type { Reaction } from '@mattermost/types/reactions';

export interface Chip {
  /** As who was first called it. */
  name: string;
  /** Who reacted, each once, in that order. */
  who: string[];
}

/** `key` is what all names of an emoji have in common. */
export function chipsOf(reactions: readonly Reaction[], key: (name: string) => string): Chip[] {
  const chips = new Map<string, { name: string; who: Set<string> }>();
  for (const { emoji_name: name, user_id } of [...reactions].sort((a, b) => a.create_at - b.create_at)) {
    const chip = chips.get(key(name)) ?? { name, who: new Set() };
    chips.set(key(name), chip);
    chip.who.add(user_id);
  }
  return [...chips.values()].map(({ name, who }) => ({ name, who: [...who] }));
}

/** The reactions of one person with this emoji: what they take back, to take it back. */
export function reactionsOf(
  reactions: readonly Reaction[],
  userId: string,
  name: string,
  key: (name: string) => string,
): Reaction[] {
  return reactions.filter((one) => one.user_id === userId && key(one.emoji_name) === key(name));
}
