import type { PaginatedPostList, Post, PostList } from '@mattermost/types/posts';
import type { UserProfile } from '@mattermost/types/users';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { client } from '../src/lib/api/client';
import { ApiError, NetworkError } from '../src/lib/api/errors';
import { Drafts } from '../src/lib/state/drafts.svelte';
import { Outbox } from '../src/lib/state/outbox.svelte';
import { Posts } from '../src/lib/state/posts.svelte';
import { session } from '../src/lib/state/session.svelte';

function post(id: string, at: number, more: Partial<Post> = {}): Post {
  const times = { create_at: at, update_at: at, edit_at: 0, delete_at: 0 };
  return { id, ...times, channel_id: 'c', user_id: 'ann', root_id: '', type: '', message: id, ...more } as Post;
}

function list(posts: Post[], more: Partial<PostList> = {}): PostList {
  const order = posts.map(({ id }) => id).reverse();
  const byId = Object.fromEntries(posts.map((p) => [p.id, p]));
  return { order, posts: byId, next_post_id: '', prev_post_id: '', first_inaccessible_post_time: 0, ...more };
}

const ids = (posts: Posts) => posts.inChannel('c').map(({ id }) => id);

beforeEach(() => {
  localStorage.clear();
  session.me = { id: 'me', username: 'me', roles: '' } as UserProfile;
  vi.spyOn(client, 'getProfilesByIds').mockResolvedValue([]);
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe('posts', () => {
  async function opened(...have: Post[]): Promise<Posts> {
    const posts = new Posts();
    vi.spyOn(client, 'getPosts').mockResolvedValue(list(have));
    await posts.reload('c');
    return posts;
  }

  it('shows a post that arrives twice once', async () => {
    const posts = await opened(post('a', 1));
    expect(posts.receive(post('b', 2))).toBe(true);
    expect(posts.receive(post('b', 2))).toBe(false);
    expect(ids(posts)).toEqual(['a', 'b']);
  });

  it('orders by time, whatever the order of arrival', async () => {
    const posts = await opened(post('a', 1));
    for (const late of [post('d', 4), post('b', 2), post('c', 3)]) posts.receive(late);
    expect(ids(posts)).toEqual(['a', 'b', 'c', 'd']);
  });

  it('keeps what arrived while the page was on its way', async () => {
    const posts = new Posts();
    vi.spyOn(client, 'getPosts').mockImplementation(() => {
      posts.receive(post('b', 2));
      return Promise.resolve(list([post('a', 1)]));
    });
    await posts.reload('c');
    expect(ids(posts)).toEqual(['a', 'b']);
  });

  it('keeps what arrived while the page that leads to the end was on its way', async () => {
    const posts = new Posts();
    vi.spyOn(client, 'getPostsUnread').mockResolvedValue(list([post('a', 1)], { next_post_id: 'b' }));
    await posts.open('c', 'me', true);
    vi.spyOn(client, 'getPostsAfter').mockImplementation(() => {
      posts.receive(post('d', 4));
      return Promise.resolve(list([post('b', 2), post('c', 3)]));
    });
    await posts.loadNewer('c');
    posts.receive(post('e', 5));
    expect(ids(posts)).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('holds a bounded part of a history, from whichever side one reads it', async () => {
    const page = (from: number, count: number) =>
      Array.from({ length: count }, (_, n) =>
        post(`p${from + n}`, from + n, { root_id: from + n === 5001 ? 'p5000' : '' }),
      );
    const posts = new Posts();
    vi.spyOn(client, 'getPosts').mockResolvedValue(list(page(5940, 60), { prev_post_id: 'p5939' }));
    await posts.reload('c');
    const before = vi.spyOn(client, 'getPostsBefore').mockImplementation((_, id) => {
      const first = Number(id.slice(1));
      return Promise.resolve(list(page(first - 60, 60), { prev_post_id: 'x', next_post_id: id }));
    });
    for (let n = 0; n < 40; n++) await posts.loadOlder('c');
    expect(before).toHaveBeenCalledTimes(40);
    expect(ids(posts)).toHaveLength(1000);
    expect(ids(posts)[0]).toBe('p3540');
    expect(posts.window('c')).toMatchObject({ atStart: false, atEnd: false });
    expect(posts.byId.size).toBe(1000);
    vi.spyOn(client, 'getPostsAfter').mockImplementation((_, id) => {
      const next = Number(id.slice(1)) + 1;
      return Promise.resolve(
        list(page(next, Math.min(60, 6000 - next)), { next_post_id: next + 60 < 6000 ? 'x' : '' }),
      );
    });
    while (!posts.window('c')?.atEnd) await posts.loadNewer('c');
    expect(ids(posts).at(-1)).toBe('p5999');
    expect(ids(posts)[0]).toBe('p5000');
    // What arrives goes on being held, and is bounded too.
    for (let n = 6000; n < 7500; n++) posts.receive(post(`p${n}`, n));
    expect(ids(posts).at(-1)).toBe('p7499');
    expect(posts.byId.size).toBeLessThanOrEqual(2000);
  });

  it('keeps the posts that a thread still shows', async () => {
    const posts = await opened(post('root', 1), post('reply', 2, { root_id: 'root' }));
    const thread = list([post('root', 1), post('reply', 2, { root_id: 'root' })]) as PaginatedPostList;
    vi.spyOn(client, 'getPaginatedPostThread').mockResolvedValue({ ...thread, has_next: false });
    await posts.loadThread('root');
    vi.spyOn(client, 'getPosts').mockResolvedValue(list([post('z', 99)], { prev_post_id: 'y' }));
    await posts.reload('c');
    expect(ids(posts)).toEqual(['z']);
    expect(posts.thread('root')?.map(({ id }) => id)).toEqual(['root', 'reply']);
  });

  it('never lets an older version win', async () => {
    const posts = await opened(post('a', 1, { update_at: 9, message: 'new' }));
    posts.change(post('a', 1, { update_at: 5, message: 'old' }));
    expect(posts.byId.get('a')?.message).toBe('new');
  });

  it('counts each reply once and removes a thread with its root', async () => {
    const posts = await opened(post('a', 1), post('z', 2));
    posts.receive(post('r', 3, { root_id: 'a' }));
    posts.receive(post('r', 3, { root_id: 'a' }));
    expect(posts.byId.get('a')?.reply_count).toBe(1);
    posts.remove(post('a', 1));
    expect(ids(posts)).toEqual(['z']);
    expect(posts.byId.has('r')).toBe(false);
  });

  it('adds and removes reactions, each once', async () => {
    const posts = await opened(post('a', 1));
    const reaction = { post_id: 'a', user_id: 'ann', emoji_name: '+1', create_at: 1 };
    posts.addReaction(reaction);
    posts.addReaction(reaction);
    expect(posts.byId.get('a')?.metadata.reactions).toHaveLength(1);
    posts.removeReaction(reaction);
    expect(posts.byId.get('a')?.metadata.reactions).toHaveLength(0);
  });

  it('closes the gap after missed events: new, edited and deleted', async () => {
    const posts = await opened(post('a', 1), post('b', 2));
    const missed = [post('a', 1, { update_at: 5, message: 'edited' }), post('b', 2, { update_at: 6, delete_at: 6 })];
    vi.spyOn(client, 'getPostsSince').mockResolvedValue(list([...missed, post('d', 7)]));
    await posts.catchUp('c', '');
    expect(ids(posts)).toEqual(['a', 'd']);
    expect(posts.byId.get('a')?.message).toBe('edited');
  });

  it('reads the newest page again where what was missed does not fit into an answer', async () => {
    const posts = await opened(post('a', 1));
    const part = list([post('b', 2)], { has_next: true } as Partial<PaginatedPostList>);
    vi.spyOn(client, 'getPostsSince').mockResolvedValue(part);
    vi.mocked(client.getPosts).mockResolvedValue(list([post('a', 1), post('b', 2), post('c', 3)]));
    await posts.catchUp('c', '');
    expect(ids(posts)).toEqual(['a', 'b', 'c']);
  });

  it('has more above a page that is short, if it says so', async () => {
    const posts = new Posts();
    vi.spyOn(client, 'getPosts').mockResolvedValue(list([post('b', 2)], { prev_post_id: 'a' }));
    vi.spyOn(client, 'getPostsBefore').mockResolvedValue(list([post('a', 1)]));
    await posts.reload('c');
    expect(posts.window('c')?.atStart).toBe(false);
    await posts.loadOlder('c');
    expect(ids(posts)).toEqual(['a', 'b']);
  });

  it('brings a thread in full, however many pages it has, and what is said meanwhile', async () => {
    const posts = new Posts();
    const root = post('root', 1);
    const replies = Array.from({ length: 450 }, (_, n) => post(`r${n}`, n + 2, { root_id: 'root' }));
    const late = post('late', 9000, { root_id: 'root' });
    vi.spyOn(client, 'getPaginatedPostThread').mockImplementation((_, { fromPost, perPage = 60 }) => {
      const from = replies.findIndex(({ id }) => id === fromPost) + 1;
      if (from > 400) posts.receive(late);
      const has_next = from + perPage < replies.length;
      const part = list([root, ...replies.slice(from, from + perPage)], { has_next } as Partial<PaginatedPostList>);
      return Promise.resolve(part as PaginatedPostList);
    });
    await posts.loadThread('root');
    posts.receive(late);
    expect(posts.thread('root')?.map(({ id }) => id)).toEqual(['root', ...replies.map(({ id }) => id), 'late']);
  });

  it('asks for what it missed even when a later post of its own is there already', async () => {
    const posts = await opened(post('a', 1_000_000));
    posts.noteGap();
    posts.receive(post('own', 9_000_000, { user_id: 'me' }));
    const since = vi.spyOn(client, 'getPostsSince').mockResolvedValue(list([post('missed', 2_000_000)]));
    await posts.catchUp('c', '');
    expect(since.mock.calls[0]?.[1]).toBeLessThan(1_000_000);
    expect(ids(posts)).toEqual(['a', 'missed', 'own']);
  });
});

describe('the outbox', () => {
  it('sends in order, and forgets what the server took', async () => {
    const outbox = new Outbox();
    const sent: string[] = [];
    outbox.onSent = (p) => sent.push(p.message);
    vi.spyOn(client, 'createPost').mockImplementation((p) => Promise.resolve(p as Post));
    outbox.send('c', '', 'one');
    outbox.send('c', '', 'two');
    expect(outbox.in('c')).toHaveLength(2);
    await vi.waitFor(() => expect(sent).toEqual(['one', 'two']));
    expect(outbox.in('c')).toHaveLength(0);
  });

  it('tries again under the same name, and makes no two alike', async () => {
    const outbox = new Outbox();
    const create = vi.spyOn(client, 'createPost').mockRejectedValue(new ApiError(400, { message: 'Too long.' }));
    outbox.send('c', '', 'one');
    outbox.send('c', '', 'two');
    await vi.waitFor(() => expect(outbox.in('c').map((p) => p.state)).toEqual(['failed', 'failed']));
    const [first, second] = outbox.in('c');
    expect(first?.error).toBe('Too long.');
    expect(first?.post.pending_post_id).toMatch(/^me:\d+$/);
    expect(first?.post.pending_post_id).not.toBe(second?.post.pending_post_id);
    create.mockClear();
    create.mockImplementation((p) => Promise.resolve(p as Post));
    outbox.retry(first!.post.id);
    await vi.waitFor(() => expect(outbox.in('c')).toHaveLength(1));
    expect(create.mock.calls[0]?.[0].pending_post_id).toBe(first?.post.pending_post_id);
  });

  it('waits while the connection is away, and keeps the order', async () => {
    const outbox = new Outbox();
    const create = vi.spyOn(client, 'createPost').mockRejectedValue(new NetworkError());
    outbox.send('c', '', 'one');
    outbox.send('c', '', 'two');
    await vi.waitFor(() => expect(outbox.in('c').map((p) => p.state)).toEqual(['waiting', 'waiting']));
    expect(create).toHaveBeenCalledTimes(1);
    create.mockImplementation((p) => Promise.resolve(p as Post));
    outbox.flush();
    await vi.waitFor(() => expect(outbox.in('c')).toHaveLength(0));
    expect(create.mock.calls.slice(1).map(([p]) => p.message)).toEqual(['one', 'two']);
    outbox.close();
  });

  it('of one tab leaves alone what another could not send', async () => {
    vi.spyOn(client, 'createPost').mockRejectedValue(new NetworkError());
    const [here, there] = [new Outbox(), new Outbox()];
    here.send('c', '', 'from here');
    await vi.waitFor(() => expect(here.in('c').map((p) => p.state)).toEqual(['waiting']));
    vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 5);
    there.send('c', '', 'from there');
    await vi.waitFor(() => expect(there.in('c').map((p) => p.state)).toEqual(['waiting']));
    const later = new Outbox();
    later.open();
    await vi.waitFor(() => expect(later.in('c').map(({ post }) => post.message)).toEqual(['from here', 'from there']));
    for (const outbox of [here, there, later]) outbox.close();
  });

  it('keeps unsent posts over a reload', async () => {
    const before = new Outbox();
    const create = vi.spyOn(client, 'createPost').mockRejectedValue(new NetworkError());
    before.send('c', 'root', 'unsent');
    await vi.waitFor(() => expect(before.in('c', 'root')[0]?.state).toBe('waiting'));
    const name = before.in('c', 'root')[0]?.post.pending_post_id;
    before.close();
    create.mockClear();
    const after = new Outbox();
    after.open();
    // The server may have taken it: it is asked before the post is shown beside what the server shows.
    expect(after.in('c', 'root')).toHaveLength(0);
    await vi.waitFor(() => expect(create.mock.calls[0]?.[0].pending_post_id).toBe(name));
    await vi.waitFor(() => expect(after.in('c', 'root')[0]?.post.message).toBe('unsent'));
    after.close();
  });

  it('takes an event for an answer', () => {
    const outbox = new Outbox();
    vi.spyOn(client, 'createPost').mockReturnValue(new Promise(() => {}));
    outbox.send('c', '', 'one');
    outbox.confirm(outbox.in('c')[0]!.post.pending_post_id);
    expect(outbox.in('c')).toHaveLength(0);
  });
});

describe('drafts', () => {
  it('survive a reload, by account, channel and thread', () => {
    const before = new Drafts();
    before.open('me');
    before.set('c', '', 'hello');
    before.set('c', 'root', 'reply');
    const after = new Drafts();
    after.open('me');
    expect(after.get('c')).toBe('hello');
    expect(after.get('c', 'root')).toBe('reply');
    after.open('other');
    expect(after.get('c')).toBe('');
  });

  it('are gone when emptied, and blanks are none', () => {
    const drafts = new Drafts();
    drafts.open('me');
    drafts.set('c', '', 'hello');
    drafts.set('c', '', '  \n');
    expect(drafts.has('c')).toBe(false);
    expect(localStorage).toHaveLength(0);
  });

  it('are the same in all tabs', () => {
    const [here, there] = [new Drafts(), new Drafts()];
    here.open('me');
    there.open('me');
    /** What the browser tells the other tabs. */
    const tell = (key: string) => dispatchEvent(new StorageEvent('storage', { key }));
    there.set('c', '', 'typed there');
    tell(Object.keys(localStorage)[0]!);
    expect(here.get('c')).toBe('typed there');
    const key = Object.keys(localStorage)[0]!;
    there.set('c', '', '');
    tell(key);
    expect(here.get('c')).toBe('');
  });
});
