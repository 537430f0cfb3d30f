import type { Post } from '@mattermost/types/posts';
import { describe, expect, it } from 'vitest';
import { buildTimeline, type Row } from '../src/lib/posts/timeline';

const noon = Date.UTC(2026, 4, 12, 12);
const minute = 60_000;
const day = 24 * 60 * minute;

function post(id: string, at: number, more: Partial<Post> = {}): Post {
  return { id, create_at: at, user_id: 'ann', root_id: '', type: '', message: id, props: {}, ...more } as Post;
}

/** Rows in short: `day`, `unread`, `a` (with a head), `+a` (grouped), `[r1 r2]` (replies to elsewhere). */
function shape(posts: Post[], unreadAfter: number | null = null, inThread = false, zone = 'UTC'): string {
  const short = (row: Row) => {
    if (row.kind === 'post') return (row.compact ? '+' : '') + row.post.id;
    return row.kind === 'thread' ? `[${row.replies.map(({ id }) => id).join(' ')}]` : row.kind;
  };
  return buildTimeline(posts, { unreadAfter, me: 'me', zone, inThread }).map(short).join(' ');
}

describe('grouping', () => {
  it('gives posts of one author in a row one head', () => {
    expect(shape([post('a', noon), post('b', noon + minute), post('c', noon + 2 * minute)])).toBe('day a +b +c');
  });

  it('begins anew for another author, after a pause, and around notices', () => {
    const other = post('b', noon + minute, { user_id: 'bob' });
    expect(shape([post('a', noon), other, post('c', noon + 2 * minute)])).toBe('day a b c');
    expect(shape([post('a', noon), post('b', noon + 5 * minute)])).toBe('day a b');
    const notice = post('b', noon + minute, { type: 'system_join_channel' });
    expect(shape([post('a', noon), notice, post('c', noon + 2 * minute)])).toBe('day a b c');
  });

  it('does not group two names of one integration', () => {
    const [a, b] = ['x', 'y'].map((name, n) => post(name, noon + n, { props: { override_username: name } }));
    expect(shape([a!, b!])).toBe('day x y');
  });
});

describe('day lines', () => {
  it('stand above the first post of each day, and break groups', () => {
    const midnight = Date.UTC(2026, 4, 13);
    expect(shape([post('a', midnight - 1), post('b', midnight)])).toBe('day a day b');
  });

  it('stand where the day of the reader begins, whatever the day of this machine', () => {
    // Midnight in Kolkata is half past six in the evening in Greenwich.
    const midnight = Date.UTC(2026, 4, 12, 18, 30);
    const list = [post('a', midnight - 1), post('b', midnight)];
    expect(shape(list, null, false, 'Asia/Kolkata')).toBe('day a day b');
    expect(shape(list, null, false, 'UTC')).toBe('day a +b');
  });
});

describe('rows', () => {
  it('of messages that did not change are the same objects', () => {
    const [a, b] = [post('a', noon), post('b', noon + minute)];
    const options = { unreadAfter: null, me: 'me', zone: 'UTC', inThread: false };
    const before = buildTimeline([a, b], options);
    const after = buildTimeline([post('0', noon - 1), a, b], options);
    expect(after.at(-1)).toBe(before.at(-1));
    // It has no head any more.
    expect(after.at(-2)).not.toBe(before.at(-2));
  });
});

describe('the line above what is new', () => {
  it('stands above the first newer post of somebody else, once, and breaks groups', () => {
    const list = [post('a', noon), post('b', noon + 1), post('c', noon + 2)];
    expect(shape(list, noon)).toBe('day a unread b +c');
  });

  it('does not stand above own posts or when there is nothing new', () => {
    expect(shape([post('a', noon), post('b', noon + 1, { user_id: 'me' })], noon)).toBe('day a b');
    expect(shape([post('a', noon)], null)).toBe('day a');
  });

  it('follows the day line when both meet', () => {
    expect(shape([post('a', noon - day), post('b', noon)], noon - day)).toBe('day a day unread b');
  });
});

describe('replies in a channel', () => {
  const reply = (id: string, at: number, root: string) => post(id, at, { root_id: root, user_id: 'bob' });

  it('are folded into the root above them', () => {
    expect(shape([post('a', noon), reply('r', noon + 1, 'a'), post('b', noon + 2)])).toBe('day a b');
  });

  it('share one row when their root is further up', () => {
    const list = [post('a', noon), post('b', noon + 1), reply('r1', noon + 2, 'a'), reply('r2', noon + 3, 'a')];
    expect(shape(list)).toBe('day a +b [r1 r2]');
  });

  it('are never hidden behind the line above what is new', () => {
    expect(shape([post('a', noon), reply('r', noon + 1, 'a')], noon)).toBe('day a unread [r]');
  });

  it('are posts in the thread itself', () => {
    expect(shape([post('a', noon), reply('r', noon + 1, 'a'), reply('s', noon + 2, 'a')], null, true)).toBe(
      'day a r +s',
    );
  });
});
