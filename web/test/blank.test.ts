/** What has nothing to show says so: there must be something to point at. */
import type { Post } from '@mattermost/types/posts';
import type { UserProfile } from '@mattermost/types/users';
import { flushSync, mount, unmount } from 'svelte';
import { afterEach, expect, it } from 'vitest';
import PostItem from '../src/components/post/PostItem.svelte';
import { isBlank } from '../src/lib/blank';
import { snippet } from '../src/lib/markdown/plain';
import { channelTitle, type Channel } from '../src/lib/state/channels.svelte';
import { displayName } from '../src/lib/state/users.svelte';

afterEach(() => document.body.replaceChildren());

function shown(more: Partial<Post>): string {
  const times = { create_at: 1_700_000_000_000, update_at: 1, edit_at: 0 };
  const post = { id: 'p', user_id: 'ann', message: '', type: '', props: {}, metadata: {}, ...times, ...more } as Post;
  const component = mount(PostItem, { target: document.body, props: { post, compact: true } });
  flushSync();
  const text = document.querySelector('[data-post=p] .body')?.textContent?.trim() ?? '';
  void unmount(component);
  return text;
}

it.each(['', ' \n\t', '\u200b', '\u200e\u2060\u2800', '\ufe0f', '\u3164'])('%j is blank', (text) => {
  expect(isBlank(text)).toBe(true);
  expect(snippet(text)).toBe('');
  expect(shown({ message: text })).toBe('(no text)');
});

it.each(['a', '.', '\u200b!', '🎉', '&#8203;', '>'])('%j is not', (text) => {
  expect(isBlank(text)).toBe(false);
  expect(shown({ message: text })).not.toBe('');
  expect(shown({ message: text })).not.toContain('(no text)');
});

it('says nothing of a text beside what is attached', () => {
  expect(shown({ props: { attachments: [{ text: 'attached' }] } })).toBe('attached');
  expect(shown({ props: { attachments: [{ color: 'good' }] } })).toBe('(no text)');
  expect(shown({ props: { attachments: [{ title: '\u200b', text: '\u2800' }] } })).toBe('(no text)');
  expect(shown({ file_ids: ['f'] })).toBe('');
});

it('gives way to a name that can be seen', () => {
  const user = { username: 'ann', nickname: '\u200b', first_name: '\u2800', last_name: '' } as UserProfile;
  expect(displayName(user)).toBe('ann');
  expect(displayName({ ...user, first_name: 'Ann' })).toBe('Ann');
  expect(channelTitle({ type: 'O', name: 'quay', display_name: '\u3164' } as Channel)).toBe('quay');
});
