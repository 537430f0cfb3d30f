import type { ChannelMembership } from '@mattermost/types/channels';
import type { Post } from '@mattermost/types/posts';
import type { UserProfile } from '@mattermost/types/users';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { client } from '../src/lib/api/client';
import { channels, type Channel } from '../src/lib/state/channels.svelte';
import { clock } from '../src/lib/state/clock.svelte';
import { posts } from '../src/lib/state/posts.svelte';
import { Reading } from '../src/lib/state/reading.svelte';
import { session } from '../src/lib/state/session.svelte';

function post(at: number, more: Partial<Post> = {}): Post {
  const times = { create_at: at, update_at: at, edit_at: 0, delete_at: 0 };
  return { id: `p${at}`, ...times, channel_id: 'c', user_id: 'ann', root_id: '', type: '', ...more } as Post;
}

/** Ten posts were made, four of them read; those from the fifth to the eighth are loaded. */
async function opened(): Promise<Reading> {
  const loaded = [5, 6, 7, 8].map((at) => post(at));
  const byId = Object.fromEntries(loaded.map((p) => [p.id, p]));
  const order = loaded.map(({ id }) => id).reverse();
  const page = { order, posts: byId, next_post_id: 'p9', prev_post_id: '', first_inaccessible_post_time: 0 };
  vi.spyOn(client, 'getPostsUnread').mockResolvedValue(page);
  await posts.open('c', 'me', true);
  const reading = new Reading();
  reading.enter('c');
  reading.opened('c');
  return reading;
}

beforeEach(() => {
  session.me = { id: 'me', username: 'me', roles: '' } as UserProfile;
  clock.focused = true;
  vi.spyOn(client, 'getProfilesByIds').mockResolvedValue([]);
  vi.spyOn(client, 'viewMyChannel').mockResolvedValue({} as never);
  channels.byId.set('c', { id: 'c', total_msg_count: 10, last_post_at: 10 } as Channel);
  channels.myMembers.set('c', { channel_id: 'c', msg_count: 4, last_viewed_at: 4 } as ChannelMembership);
});
afterEach(() => {
  posts.clear();
  channels.clear();
  vi.restoreAllMocks();
});

describe('what was not in view yet', () => {
  it('is counted by the server, and becomes less as one scrolls', async () => {
    const reading = await opened();
    expect(reading.unseen).toBe(6);
    reading.showed('p6', false);
    expect(reading.unseen).toBe(4);
    reading.showed('p5', false);
    reading.showed('p6', false);
    expect(reading.unseen).toBe(4);
    expect(reading.unreadAfter).toBe(4);
  });

  it('becomes less when some of it is deleted', async () => {
    const reading = await opened();
    reading.showed('p6', false);
    reading.removed([post(6), post(9, { user_id: 'me' }), post(9, { channel_id: 'd' })]);
    expect(reading.unseen).toBe(4);
    reading.removed([post(8), post(9)]);
    expect(reading.unseen).toBe(2);
    reading.enter('d');
    reading.removed([post(10)]);
    reading.enter('c');
    expect(reading.unseen).toBe(1);
  });

  it('is nothing at the end, and then what arrives while one looks further up', async () => {
    const reading = await opened();
    reading.showed('p8', true);
    expect(reading.unseen).toBe(0);
    reading.arrived(post(11));
    expect(reading.unseen).toBe(0);
    reading.showed('p5', false);
    reading.arrived(post(12));
    expect(reading.unseen).toBe(1);
  });

  it('is still new when one comes back to the channel, with what came since', async () => {
    const reading = await opened();
    reading.showed('p6', false);
    reading.enter('other');
    expect([reading.unreadAfter, reading.unseen]).toEqual([null, 0]);
    channels.byId.set('c', { id: 'c', total_msg_count: 12, last_post_at: 12 } as Channel);
    reading.enter('c');
    expect([reading.unreadAfter, reading.unseen, reading.resumed]).toEqual([4, 6, true]);
    reading.showed('p6', false);
    expect(reading.unseen).toBe(6);
    reading.showed('p8', true);
    reading.enter('other');
    reading.enter('c');
    expect([reading.unreadAfter, reading.unseen, reading.resumed]).toEqual([null, 0, false]);
  });

  it('stays so while nobody looks', async () => {
    const reading = await opened();
    clock.focused = false;
    reading.showed('p8', true);
    expect(reading.unseen).toBe(6);
    clock.focused = true;
    reading.looked();
    expect(reading.unseen).toBe(0);
  });

  it('is done with by an answer, but not by one in a thread', async () => {
    const reading = await opened();
    reading.arrived(post(11, { user_id: 'me', root_id: 'p5' }));
    expect([reading.unseen, reading.unreadAfter]).toEqual([6, 4]);
    reading.arrived(post(12, { user_id: 'me' }));
    expect([reading.unseen, reading.unreadAfter]).toEqual([0, null]);
  });
});
