/**
 * Posts on their way to the server. A post keeps its `pending_post_id` for as long as it is tried, so that trying again
 * never makes two of it. Each channel sends one after another, in the order of typing. What could not be sent is kept
 * over a reload, each post by itself: other tabs have theirs. When the server has taken a post it moves to
 * `posts.svelte.ts`.
 */
import type { FileInfo } from '@mattermost/types/files';
import type { Post } from '@mattermost/types/posts';
import { SvelteMap } from 'svelte/reactivity';
import { client } from '../api/client';
import { explain, isTemporary } from '../api/errors';
import { session } from './session.svelte';
import { keys, load, save } from './storage';

export interface Pending {
  post: Post;
  /** `waiting` for the connection to return, or `failed` because the server refused it. */
  state: 'sending' | 'waiting' | 'failed';
  error: string;
}

type Stored = Pick<Post, 'channel_id' | 'root_id' | 'message' | 'pending_post_id' | 'create_at'> & {
  files?: FileInfo[];
};

const LONGEST_PAUSE = 20_000;

export class Outbox {
  readonly byId = new SvelteMap<string, Pending>();
  /** What to do with a post when the server has taken it; set once, by the event handling. */
  onSent: (post: Post) => void = () => {};
  #busy = new Set<string>();
  /** Taken up from an earlier page: the server may have these already, so they are not shown before it is asked. */
  readonly #unsure = new Set<string>();
  #lastStamp = 0;
  #pause = 1000;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Unsent posts of a channel (with the replies) or of one thread. */
  in(channelId: string, rootId = ''): Pending[] {
    return [...this.byId.values()].filter(
      ({ post, state }) =>
        post.channel_id === channelId &&
        (post.root_id ?? '') === rootId &&
        !(state === 'sending' && this.#unsure.has(post.id)),
    );
  }

  /** Takes up what an earlier page could not send. */
  open(): void {
    const kept = keys(this.#key('')).map((key) => load<Stored | null>(key, null));
    const stored = kept.filter((one) => one !== null).sort((a, b) => a.create_at - b.create_at);
    for (const one of stored) {
      if (this.byId.has(one.pending_post_id)) continue;
      this.#unsure.add(one.pending_post_id);
      this.#put(draftPost(one), 'waiting');
    }
    this.flush();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#unsure.clear();
    this.byId.clear();
  }

  send(channelId: string, rootId: string, message: string, files: FileInfo[] = []): void {
    // Two posts within one millisecond still need two names.
    const create_at = (this.#lastStamp = Math.max(Date.now(), this.#lastStamp + 1));
    const pending_post_id = `${session.myId}:${create_at}`;
    const stored: Stored = { channel_id: channelId, root_id: rootId, message, pending_post_id, create_at, files };
    this.#put(draftPost(stored), 'sending');
    save(this.#key(pending_post_id), stored);
    void this.#work(channelId);
  }

  retry(id: string): void {
    const pending = this.byId.get(id);
    if (!pending) return;
    this.#put(pending.post, 'sending');
    void this.#work(pending.post.channel_id);
  }

  /** Tries everything again that waits for the connection. */
  flush(): void {
    for (const { post, state } of [...this.byId.values()]) if (state === 'waiting') this.retry(post.id);
  }

  discard(id: string): void {
    this.byId.delete(id);
    save(this.#key(id), null);
  }

  /** The server has it: said by its answer or by an event, whichever came first. */
  confirm(pendingId: string): void {
    if (this.byId.has(pendingId)) this.discard(pendingId);
  }

  async #work(channelId: string): Promise<void> {
    if (this.#busy.has(channelId)) return;
    this.#busy.add(channelId);
    try {
      for (let next = this.#next(channelId); next; next = this.#next(channelId)) {
        if (!(await this.#sendOne(next.post))) break;
      }
    } finally {
      this.#busy.delete(channelId);
    }
  }

  #next(channelId: string): Pending | undefined {
    return [...this.byId.values()].find(({ post, state }) => post.channel_id === channelId && state === 'sending');
  }

  /** Answers whether the next one may be tried. */
  async #sendOne(post: Post): Promise<boolean> {
    const { channel_id, root_id, message, pending_post_id, file_ids } = post;
    try {
      const sent = await client.createPost({ channel_id, root_id, message, pending_post_id, file_ids });
      this.#pause = 1000;
      this.confirm(pending_post_id);
      this.onSent(sent);
      return true;
    } catch (error) {
      if (!this.byId.has(post.id)) return true;
      this.#unsure.clear();
      if (!isTemporary(error)) {
        this.#put(post, 'failed', explain(error));
        return true;
      }
      // The connection is away: all of the channel waits, so that the order stays.
      for (const pending of this.byId.values()) {
        if (pending.post.channel_id === channel_id && pending.state === 'sending') this.#put(pending.post, 'waiting');
      }
      this.#later();
      return false;
    }
  }

  #later(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.flush(), this.#pause);
    this.#pause = Math.min(LONGEST_PAUSE, this.#pause * 2);
  }

  #put(post: Post, state: Pending['state'], error = ''): void {
    this.byId.set(post.id, { post, state, error });
  }

  #key(pendingId: string): string {
    return `outbox:${session.myId}:${pendingId}`;
  }
}

function draftPost({ files = [], ...stored }: Stored): Post {
  return {
    ...stored,
    file_ids: files.map(({ id }) => id),
    id: stored.pending_post_id,
    user_id: stored.pending_post_id.split(':')[0] ?? '',
    update_at: stored.create_at,
    edit_at: 0,
    delete_at: 0,
    is_pinned: false,
    original_id: '',
    type: '',
    props: {},
    hashtags: '',
    reply_count: 0,
    metadata: { reactions: [], files } as unknown as Post['metadata'],
  };
}

export const outbox = new Outbox();
