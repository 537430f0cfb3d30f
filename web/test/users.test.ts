import type { UserProfile } from '@mattermost/types/users';
import { mount, tick, unmount } from 'svelte';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import Markdown from '../src/components/ui/Markdown.svelte';
import { client } from '../src/lib/api/client';
import { dispatch } from '../src/lib/state/events/reducer';
import { users } from '../src/lib/state/users.svelte';

const user = (id: string, username: string) => ({ id, username }) as UserProfile;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  users.clear();
  vi.useRealTimers();
  vi.restoreAllMocks();
});

it('asks for names together, and for none twice, be it anybody’s or not', async () => {
  const asked = vi.spyOn(client, 'getProfilesByUsernames').mockResolvedValue([user('1', 'ann')]);
  users.needNamed(['ann', 'nobody']);
  users.needNamed(['ann']);
  await vi.runAllTimersAsync();
  users.needNamed(['ann', 'nobody']);
  await vi.runAllTimersAsync();
  expect(asked.mock.calls).toEqual([[['ann', 'nobody']]]);
  expect(users.named('Ann')?.id).toBe('1');
});

it('asks again when it was not answered', async () => {
  const asked = vi.spyOn(client, 'getProfilesByUsernames').mockRejectedValueOnce(new Error('away'));
  asked.mockResolvedValue([]);
  users.needNamed(['ann']);
  await vi.runAllTimersAsync();
  users.needNamed(['ann']);
  await vi.runAllTimersAsync();
  expect(asked).toHaveBeenCalledTimes(2);
});

it('asks again when somebody is new', async () => {
  const asked = vi.spyOn(client, 'getProfilesByUsernames').mockResolvedValue([]);
  users.needNamed(['ann']);
  await vi.runAllTimersAsync();
  dispatch({ event: 'new_user', data: { user_id: '1' }, broadcast: {}, seq: 1 } as never);
  users.needNamed(['ann']);
  await vi.runAllTimersAsync();
  expect(asked).toHaveBeenCalledTimes(2);
});

it('does not know somebody by a name that they had before', () => {
  users.add([user('1', 'ann')]);
  users.add([user('1', 'anna')]);
  expect(users.named('ann')).toBeUndefined();
  expect(users.named('anna')?.id).toBe('1');
  users.add([user('2', 'anna')]);
  users.add([user('1', 'annika')]);
  expect(users.named('anna')?.id).toBe('2');
});

it('shows who is named in a text as soon as they are known, and asks for a bounded part of many', async () => {
  const asked = vi.spyOn(client, 'getProfilesByUsernames').mockResolvedValue([user('1', 'ann')]);
  const text = `hi @ann. and ${Array.from({ length: 500 }, (_, n) => `@x${n}`).join(' ')}`;
  const component = mount(Markdown, { target: document.body, props: { text } });
  await tick();
  expect(document.querySelector('.mention')).toBeNull();
  await vi.runAllTimersAsync();
  expect(asked.mock.calls).toHaveLength(1);
  expect(asked.mock.calls[0]?.[0]).toHaveLength(50);
  expect(asked.mock.calls[0]?.[0].slice(0, 3)).toEqual(['ann.', 'ann', 'x0']);
  expect([...document.querySelectorAll('.mention')].map((one) => one.textContent)).toEqual(['@ann']);
  await unmount(component);
});
