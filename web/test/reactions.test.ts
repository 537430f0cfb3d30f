import type { Reaction } from '@mattermost/types/reactions';
import { expect, it } from 'vitest';
import { chipsOf, reactionsOf } from '../src/lib/posts/reactions';

const key = (name: string) => (name === 'thumbsup' ? '+1' : name);
const reaction = (user_id: string, emoji_name: string, create_at: number) =>
  ({ user_id, post_id: 'p', emoji_name, create_at }) as Reaction;
const list = [
  reaction('cid', '+1', 4),
  reaction('ann', 'thumbsup', 1),
  reaction('bob', 'tada', 2),
  reaction('bob', '+1', 3),
  reaction('ann', '+1', 5),
];

it('shows an emoji once, by whichever names people called it', () => {
  expect(chipsOf(list, key)).toEqual([
    { name: 'thumbsup', who: ['ann', 'bob', 'cid'] },
    { name: 'tada', who: ['bob'] },
  ]);
  expect(chipsOf([], key)).toEqual([]);
});

it('takes back all that one reacted with the same emoji, and nothing else', () => {
  expect(reactionsOf(list, 'ann', '+1', key).map((one) => one.emoji_name)).toEqual(['thumbsup', '+1']);
  expect(reactionsOf(list, 'bob', 'thumbsup', key).map((one) => one.emoji_name)).toEqual(['+1']);
  expect(reactionsOf(list, 'cid', 'tada', key)).toEqual([]);
});
