import type { UserProfile } from '@mattermost/types/users';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { client } from '../src/lib/api/client';
import { channelTitle, type Channel } from '../src/lib/state/channels.svelte';
import { groups } from '../src/lib/state/groups.svelte';
import { session } from '../src/lib/state/session.svelte';
import { users } from '../src/lib/state/users.svelte';

const person = (id: string, username = id) => ({ id, username }) as UserProfile;
const group = { id: 'g', type: 'G', display_name: 'ab, bob, cat' } as Channel;

beforeEach(() => {
  vi.useFakeTimers();
  session.me = person('ann-id', 'ann');
});
afterEach(() => {
  groups.clear();
  users.clear();
  vi.useRealTimers();
  vi.restoreAllMocks();
});

it('a conversation of several is called by what its other people are called now', async () => {
  const people = [person('ann-id', 'ann'), person('cat'), person('bob')];
  const asked = vi.spyOn(client, 'getProfilesInGroupChannels').mockResolvedValue({ g: people });
  expect(channelTitle(group)).toBe('ab, bob, cat');
  groups.need(['g']);
  await vi.runAllTimersAsync();
  expect(channelTitle(group)).toBe('bob, cat');
  users.add([person('bob', 'robert')]);
  expect(channelTitle(group)).toBe('cat, robert');
  groups.need(['g']);
  await vi.runAllTimersAsync();
  expect(asked).toHaveBeenCalledTimes(1);
});
