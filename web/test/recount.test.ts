import type { ChannelMembership } from '@mattermost/types/channels';
import type { Post } from '@mattermost/types/posts';
import type { UserProfile } from '@mattermost/types/users';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { client } from '../src/lib/api/client';
import { channels, type Channel } from '../src/lib/state/channels.svelte';
import { dispatch } from '../src/lib/state/events/reducer';
import { posts } from '../src/lib/state/posts.svelte';
import { recount } from '../src/lib/state/recount';
import { session } from '../src/lib/state/session.svelte';

const member = (id: string, msg_count: number, mention_count: number) =>
  ({ channel_id: id, user_id: 'me', msg_count, mention_count, last_viewed_at: 4 }) as ChannelMembership;
const post = (id: string, channel_id = 'c') =>
  ({ id, channel_id, user_id: 'ann', root_id: '', type: '', create_at: 9, update_at: 9, delete_at: 0 }) as Post;
const deleted = (id: string, channel = 'c') =>
  dispatch({
    event: 'post_deleted',
    data: { post: JSON.stringify(post(id, channel)) },
    broadcast: {},
    seq: 1,
  } as never);

/** Ten posts, of which eight were read; one of the others names the reader. */
function know(id: string, read = 8, mentions = 1): void {
  channels.byId.set(id, {
    id,
    type: 'O',
    team_id: 't',
    delete_at: 0,
    total_msg_count: 10,
    last_post_at: 10,
  } as Channel);
  channels.myMembers.set(id, member(id, read, mentions));
}

beforeEach(() => {
  vi.useFakeTimers();
  session.me = { id: 'me', username: 'me', roles: '' } as UserProfile;
  vi.spyOn(client, 'getProfilesByIds').mockResolvedValue([]);
});
afterEach(() => {
  recount.clear();
  channels.clear();
  posts.clear();
  vi.useRealTimers();
  vi.restoreAllMocks();
});

it('takes what is deleted out of what is unread, asking once for many', async () => {
  know('c');
  const asked = vi.spyOn(client, 'getMyChannelMember').mockResolvedValue(member('c', 10, 0));
  expect(channels.teamUnread('t')).toEqual({ unread: true, mentions: 1 });
  deleted('a');
  deleted('b');
  await vi.runAllTimersAsync();
  expect(asked).toHaveBeenCalledTimes(1);
  expect(channels.teamUnread('t')).toEqual({ unread: false, mentions: 0 });
});

it('asks nothing where nothing is unread', async () => {
  know('c', 10, 0);
  const asked = vi.spyOn(client, 'getMyChannelMember');
  deleted('a');
  deleted('a', 'elsewhere');
  await vi.runAllTimersAsync();
  expect(asked).not.toHaveBeenCalled();
});

it('asks again when something arrived meanwhile', async () => {
  know('c');
  const asked = vi.spyOn(client, 'getMyChannelMember').mockImplementationOnce(() => {
    channels.countPost({ ...post('new'), create_at: 11 }, true);
    return Promise.resolve(member('c', 9, 0));
  });
  asked.mockResolvedValue(member('c', 10, 1));
  deleted('a');
  await vi.runAllTimersAsync();
  expect(asked).toHaveBeenCalledTimes(2);
  expect(channels.unread('c')).toEqual({ unread: true, mentions: 1 });
});

it('asks for all at once where many channels are concerned', async () => {
  const ids = Array.from({ length: 50 }, (_, n) => `c${n}`);
  ids.forEach((id) => know(id));
  const one = vi.spyOn(client, 'getMyChannelMember');
  const all = vi.spyOn(client, 'getAllChannelsMembers').mockResolvedValue(ids.map((id) => member(id, 10, 0)));
  ids.forEach((id) => deleted('a', id));
  await vi.runAllTimersAsync();
  expect(one).not.toHaveBeenCalled();
  expect(all).toHaveBeenCalledTimes(1);
  expect(channels.mentionTotal).toBe(0);
});

it('counts one channel anew when another does not answer', async () => {
  know('c');
  know('d');
  vi.spyOn(client, 'getMyChannelMember').mockImplementation((id) =>
    id === 'c' ? Promise.reject(new Error('gone')) : Promise.resolve(member(id, 10, 0)),
  );
  deleted('a');
  deleted('b', 'd');
  await vi.runAllTimersAsync();
  expect([channels.unread('c').mentions, channels.unread('d').mentions]).toEqual([1, 0]);
});

it('leaves the counts where the server does not answer', async () => {
  know('c');
  vi.spyOn(client, 'getMyChannelMember').mockRejectedValue(new Error('away'));
  deleted('a');
  await vi.runAllTimersAsync();
  expect(channels.unread('c').mentions).toBe(1);
});
