import type { Post } from '@mattermost/types/posts';
import type { Reaction } from '@mattermost/types/reactions';
import { flushSync, mount, unmount } from 'svelte';
import { afterEach, expect, it, vi } from 'vitest';
import Reactions from '../src/components/post/Reactions.svelte';
import { chipsOf, reactionsOf } from '../src/lib/posts/reactions';
import { users } from '../src/lib/state/users.svelte';

afterEach(() => vi.restoreAllMocks());

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

it('names a bounded part of many', () => {
  const need = vi.spyOn(users, 'need').mockImplementation(() => {});
  const reactions = Array.from({ length: 1000 }, (_, n) => reaction(`u${n}`, 'tada', n));
  const post = { id: 'p', metadata: { reactions } } as unknown as Post;
  const component = mount(Reactions, { target: document.body, props: { post } });
  flushSync();
  const chip = document.querySelector('[role=group] button');
  expect(chip?.getAttribute('aria-label')).toBe('tada: 1000');
  expect(chip?.getAttribute('title')).toContain(' and 970 others reacted with :tada:');
  expect([...(need.mock.calls[0]?.[0] ?? [])]).toHaveLength(30);
  void unmount(component);
});
