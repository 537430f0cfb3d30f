/**
 * Posts by id, a window of history for each channel that was opened, and the threads that were opened. All ways in, REST
 * and events, end in `receive`, `change` and `remove`, so that arriving twice makes no difference. Posts on their way to
 * the server lie in `outbox.svelte.ts`.
 */
import type { FileInfo } from '@mattermost/types/files';
import type { PaginatedPostList, Post, PostList } from '@mattermost/types/posts';
import type { Reaction } from '@mattermost/types/reactions';
import { SvelteMap, SvelteSet } from 'svelte/reactivity';
import { client } from '../api/client';
import { emoji } from '../emoji/emoji.svelte';
import * as windows from '../posts/window';
import type { PostWindow } from '../posts/window';
import { users } from './users.svelte';

const PAGE = 60;
/** So many posts of a channel are held: what lies further from where one reads is let go, and asked for again. */
const MOST = 1000;
/** Where posts arrive, it may be so many before the oldest are let go: to do it for each would take its time. */
const MOST_ARRIVED = 2 * MOST;
/** Replies that are asked for at once, and how often: a longer thread is cut. */
const THREAD_PAGE = 200;
const THREAD_PAGES = 25;
const SINCE_LIMIT = 1000;
/** How long a dead connection may go unnoticed; what was read or sent meanwhile must not hide what was missed. */
const MARGIN_MS = 150_000;

export class Posts {
  readonly byId = new SvelteMap<string, Post>();
  /** What was deleted while we listened; lists that hold posts of their own let go of these. */
  readonly gone = new SvelteSet<string>();
  readonly #windows = new SvelteMap<string, PostWindow>();
  readonly #threads = new SvelteMap<string, PostWindow>();
  #loading = new Set<string>();
  #heardUntil: number | null = null;

  window(channelId: string): PostWindow | undefined {
    return this.#windows.get(channelId);
  }

  inChannel(channelId: string): Post[] {
    return this.#resolve(this.#windows.get(channelId));
  }

  /** A thread's posts, the root first; undefined until it was loaded. */
  thread(rootId: string): Post[] | undefined {
    const window = this.#threads.get(rootId);
    return window && this.#resolve(window);
  }

  /** The newest page, or, with unread posts, the page around the first of them. */
  async open(channelId: string, userId: string, unread: boolean): Promise<void> {
    if (!unread) return this.reload(channelId);
    const list = await client.getPostsUnread(channelId, userId, 40, 40, true, false, false);
    this.#open(channelId, list, !list.prev_post_id, !list.next_post_id);
  }

  async reload(channelId: string): Promise<void> {
    const list = await client.getPosts(channelId, 0, PAGE, true, false, false);
    this.#open(channelId, list, ends(list, 'prev'), true);
  }

  async openAround(channelId: string, postId: string): Promise<void> {
    const [before, after, post] = await Promise.all([
      client.getPostsBefore(channelId, postId, 0, PAGE / 2, true, false, false),
      client.getPostsAfter(channelId, postId, 0, PAGE / 2, true, false, false),
      client.getPost(postId),
    ]);
    this.take([before, after]);
    this.#store(post);
    const order = [...after.order, postId, ...before.order];
    this.#show(channelId, windows.fromPage(order, ends(before, 'prev'), ends(after, 'next')));
  }

  async loadOlder(channelId: string): Promise<void> {
    const window = this.#windows.get(channelId);
    const first = window?.ids[0];
    if (!window || window.atStart || !first) return;
    await this.#once(`older/${channelId}`, async () => {
      const list = await client.getPostsBefore(channelId, first, 0, PAGE, true, false, false);
      this.take([list]);
      const now = this.#windows.get(channelId);
      if (now?.ids[0] !== first) return;
      this.#put(channelId, windows.keepFirst(windows.prependPage(now, list.order, ends(list, 'prev')), MOST));
    });
  }

  async loadNewer(channelId: string): Promise<void> {
    const window = this.#windows.get(channelId);
    const last = window?.ids.at(-1);
    if (!window || window.atEnd || !last) return;
    await this.#once(`newer/${channelId}`, async () => {
      const list = await client.getPostsAfter(channelId, last, 0, PAGE, true, false, false);
      this.take([list]);
      const now = this.#windows.get(channelId);
      if (now?.ids.at(-1) !== last) return;
      this.#show(channelId, windows.keepLast(windows.appendPage(now, list.order, ends(list, 'next')), MOST));
    });
  }

  async loadThread(rootId: string): Promise<void> {
    const lists = await this.#wholeThread(rootId);
    this.take(lists);
    const told = new Set(lists.flatMap(({ order }) => order));
    const newest = Math.max(0, ...lists.flatMap(({ posts }) => Object.values(posts)).map((post) => post.create_at));
    // What arrived over the socket meanwhile is newer than all pages.
    const ids = [...this.byId.values()]
      .filter((post) => post.root_id === rootId && (told.has(post.id) || post.create_at >= newest))
      .map(({ id }) => id)
      .sort((a, b) => this.#time(a) - this.#time(b));
    this.#threads.set(rootId, { ids: [rootId, ...ids], atStart: true, atEnd: true });
  }

  /** The connection was lost: from here on there may be a gap. Own posts still arrive, so this cannot be found out later. */
  noteGap(): void {
    this.#heardUntil ??= Math.max(0, ...[...this.byId.keys()].map((id) => this.#version(id)));
  }

  /** After events were missed: closes the gap of the channel on screen and forgets the other windows. */
  async catchUp(channelId: string, rootId: string): Promise<void> {
    this.noteGap();
    for (const id of [...this.#windows.keys()]) if (id !== channelId) this.#windows.delete(id);
    for (const id of [...this.#threads.keys()]) if (id !== rootId) this.#threads.delete(id);
    for (const post of [...this.byId.values()]) {
      if (post.channel_id !== channelId && post.root_id !== rootId) this.byId.delete(post.id);
    }
    await Promise.all([this.#catchUpChannel(channelId), rootId ? this.loadThread(rootId) : null]);
    this.#heardUntil = null;
  }

  /** A post that exists, from wherever it comes. Answers whether it was new to us. */
  receive(post: Post): boolean {
    if (post.delete_at) {
      this.remove(post);
      return false;
    }
    const known = this.byId.has(post.id);
    this.#store(post);
    if (post.root_id && !known) {
      if (this.byId.has(post.root_id)) this.#countReply(post);
      else void this.fetch(post.root_id);
    }
    const window = this.#windows.get(post.channel_id);
    if (window) this.#arrive(post, window);
    const thread = this.#threads.get(post.root_id);
    if (thread) this.#threads.set(post.root_id, windows.insert(thread, post.id, this.#time));
    return !known;
  }

  /** Reads one post, for its text or for a count that the server knows better. A failure leaves things as they are. */
  async fetch(id: string): Promise<void> {
    try {
      this.#store(await client.getPost(id), true);
    } catch {
      // Deleted, or out of reach: what needs it shows a general word instead.
    }
  }

  /** A new version of a post that we may or may not hold. */
  change(post: Post): void {
    if (post.delete_at) this.remove(post);
    else if (this.byId.has(post.id)) this.#store(post);
  }

  /** A post is gone, and with a root its thread. */
  remove(post: Post): void {
    this.gone.add(post.id);
    if (!this.byId.has(post.id)) return;
    const gone = new Set([post.id, ...this.repliesTo(post.id).map(({ id }) => id)]);
    if (post.root_id) void this.fetch(post.root_id);
    for (const [key, window] of this.#windows) this.#windows.set(key, windows.remove(window, gone));
    for (const [key, window] of this.#threads) this.#threads.set(key, windows.remove(window, gone));
    this.#threads.delete(post.id);
    for (const id of gone) {
      this.gone.add(id);
      this.byId.delete(id);
    }
  }

  /** As far as they are known. */
  repliesTo(rootId: string): Post[] {
    return [...this.byId.values()].filter(({ root_id }) => root_id === rootId);
  }

  addReaction(reaction: Reaction): void {
    this.#react(reaction.post_id, (list) => [...list.filter((other) => !sameReaction(other, reaction)), reaction]);
  }

  removeReaction(reaction: Pick<Reaction, 'post_id' | 'user_id' | 'emoji_name'>): void {
    this.#react(reaction.post_id, (list) => list.filter((other) => !sameReaction(other, reaction)));
  }

  /** Forgets a channel that was left: what we may not read any more should not stay around. */
  forget(channelId: string): void {
    this.#windows.delete(channelId);
    for (const post of [...this.byId.values()]) {
      if (post.channel_id === channelId) {
        this.#threads.delete(post.id);
        this.byId.delete(post.id);
      }
    }
  }

  /** Takes the posts of lists into the table without showing them anywhere. */
  take(lists: readonly PostList[]): void {
    const authors = new Set<string>();
    for (const list of lists) {
      for (const post of Object.values(list.posts ?? {})) {
        if (post.delete_at) continue;
        this.#store(post, true);
        authors.add(post.user_id);
      }
    }
    users.need(authors);
  }

  clear(): void {
    this.#heardUntil = null;
    this.byId.clear();
    this.gone.clear();
    this.#windows.clear();
    this.#threads.clear();
  }

  /** From the first reply on, page by page; servers answer a part at a time, be it told or not. */
  async #wholeThread(rootId: string): Promise<PostList[]> {
    const lists: PostList[] = [];
    let last: Post | undefined;
    for (let page = 0; page < THREAD_PAGES; page++) {
      const from = last ? { fromPost: last.id, fromCreateAt: last.create_at } : {};
      const asked = { fetchThreads: true, direction: 'down', perPage: THREAD_PAGE, ...from } as const;
      const list = (await client.getPaginatedPostThread(rootId, asked)) as PaginatedPostList;
      lists.push(list);
      const newest = newestReply(list, rootId);
      if (!list.has_next || !newest || newest.id === last?.id) break;
      last = newest;
    }
    return lists;
  }

  #open(channelId: string, list: PostList, atStart: boolean, atEnd: boolean): void {
    this.take([list]);
    const order = list.order.filter((id) => this.byId.has(id));
    this.#show(channelId, windows.fromPage(order, atStart, atEnd));
  }

  /** What arrived over the socket while a page with the end was on its way is newer than that, and belongs behind it. */
  #show(channelId: string, page: PostWindow): void {
    let window = page;
    const newest = this.#time(page.ids.at(-1) ?? '');
    for (const post of page.atEnd ? this.byId.values() : []) {
      if (post.channel_id === channelId && post.create_at >= newest)
        window = windows.insert(window, post.id, this.#time);
    }
    this.#put(channelId, window);
  }

  #arrive(post: Post, before: PostWindow): void {
    const window = windows.insert(before, post.id, this.#time);
    if (window.ids.length > MOST_ARRIVED) this.#put(post.channel_id, windows.keepLast(window, MOST));
    else this.#windows.set(post.channel_id, window);
  }

  /** Puts a window in the place of another, and lets go of the posts that only the other had. */
  #put(channelId: string, window: PostWindow): void {
    const before = this.#windows.get(channelId);
    this.#windows.set(channelId, window);
    const kept = new Set(window.ids);
    const left = before?.ids.filter((id) => !kept.has(id)) ?? [];
    if (left.length) this.#letGo(left);
  }

  #letGo(ids: readonly string[]): void {
    const shown = [...this.#windows.values(), ...this.#threads.values()].flatMap((window) => window.ids);
    const roots = (list: readonly string[]) => list.map((id) => this.byId.get(id)?.root_id ?? '');
    const needed = new Set([...shown, ...roots(shown)]);
    for (const id of [...ids, ...roots(ids)]) if (!needed.has(id)) this.byId.delete(id);
  }

  async #catchUpChannel(channelId: string): Promise<void> {
    const window = this.#windows.get(channelId);
    if (!window) return;
    if (!this.#heardUntil || !window.atEnd) return this.reload(channelId);
    const list = await client.getPostsSince(channelId, Math.max(1, this.#heardUntil - MARGIN_MS), true, false, false);
    if (list.order.length >= SINCE_LIMIT || (list as PaginatedPostList).has_next) return this.reload(channelId);
    // The counts in the list have its replies in them: known beforehand, none of them is counted again.
    this.take([list]);
    for (const id of [...list.order].reverse()) {
      const post = list.posts[id];
      if (post) this.receive(post);
    }
  }

  /** `whole` says that the counts in it are to be believed; in events they may be missing. */
  #store(post: Post & { has_reactions?: boolean }, whole = false): void {
    if (post.metadata?.emojis?.length) emoji.add(post.metadata.emojis);
    const known = this.byId.get(post.id);
    if (known && known.update_at > post.update_at) return;
    const reactions = post.metadata?.reactions ?? (post.has_reactions ? known?.metadata?.reactions : []);
    this.byId.set(post.id, {
      ...post,
      metadata: { ...post.metadata, files: filesOf(post, known), reactions: reactions ?? [] },
      reply_count: whole ? (post.reply_count ?? 0) : post.reply_count || (known?.reply_count ?? 0),
      last_reply_at: Math.max(post.last_reply_at ?? 0, known?.last_reply_at ?? 0),
    });
    users.need([post.user_id]);
  }

  #countReply(reply: Post): void {
    const root = this.byId.get(reply.root_id);
    if (!root) return;
    const last_reply_at = Math.max(root.last_reply_at ?? 0, reply.create_at);
    this.byId.set(root.id, { ...root, reply_count: (root.reply_count ?? 0) + 1, last_reply_at });
  }

  #react(postId: string, change: (list: Reaction[]) => Reaction[]): void {
    const post = this.byId.get(postId);
    if (!post) return;
    this.byId.set(postId, {
      ...post,
      metadata: { ...post.metadata, reactions: change(post.metadata?.reactions ?? []) },
    });
  }

  #resolve(window: PostWindow | undefined): Post[] {
    return (window?.ids ?? []).map((id) => this.byId.get(id)).filter((post) => post !== undefined);
  }

  #time = (id: string): number => this.byId.get(id)?.create_at ?? 0;

  #version(id: string): number {
    const post = this.byId.get(id);
    return Math.max(post?.create_at ?? 0, post?.update_at ?? 0);
  }

  async #once(key: string, work: () => Promise<void>): Promise<void> {
    if (this.#loading.has(key)) return;
    this.#loading.add(key);
    try {
      await work();
    } finally {
      this.#loading.delete(key);
    }
  }
}

function newestReply(list: PostList, rootId: string): Post | undefined {
  const replies = list.order.map((id) => list.posts[id]).filter((post) => post?.root_id === rootId);
  return replies.reduce(
    (newest, post) => (newest && newest.create_at >= (post?.create_at ?? 0) ? newest : post),
    replies[0],
  );
}

/** Whether a page says that nothing follows on that side. */
function ends(list: PostList, side: 'prev' | 'next'): boolean {
  return !(side === 'prev' ? list.prev_post_id : list.next_post_id) || list.order.length === 0;
}

/** The files of a post; an event may leave them out that changed something else. */
function filesOf(post: Post, known: Post | undefined): FileInfo[] {
  if (post.metadata?.files) return post.metadata.files;
  const ids = post.file_ids ?? [];
  return (known?.metadata?.files ?? []).filter(({ id }) => ids.includes(id));
}

function sameReaction(
  a: Pick<Reaction, 'user_id' | 'emoji_name'>,
  b: Pick<Reaction, 'user_id' | 'emoji_name'>,
): boolean {
  return a.user_id === b.user_id && a.emoji_name === b.emoji_name;
}

export const posts = new Posts();
