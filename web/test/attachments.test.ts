import type { Post } from '@mattermost/types/posts';
import { describe, expect, it } from 'vitest';
import { attachmentsOf, wordsOf } from '../src/lib/posts/attachments';

const post = (attachments: unknown, message = '') => ({ message, props: { attachments } }) as unknown as Post;
const one = (attachment: unknown) => attachmentsOf(post([attachment]))[0];

describe('attachments of a message', () => {
  it('are taken as they were meant', () => {
    expect(
      one({
        color: '#36a64f',
        pretext: 'before',
        author_name: 'Ann',
        author_link: 'https://x.example/ann',
        title: 'Build 7',
        title_link: 'https://x.example/7',
        text: 'it *works*',
        fields: [{ title: 'Stage', value: 3, short: true }, { title: 'Log', value: 'long' }, {}],
        footer: 'CI',
        ts: 1_700_000_000,
      }),
    ).toMatchObject({
      color: '#36a64f',
      author: { name: 'Ann', link: 'https://x.example/ann', icon: '' },
      titleLink: 'https://x.example/7',
      fields: [
        { title: 'Stage', value: '3', short: true },
        { title: 'Log', value: 'long', short: false },
      ],
      at: 1_700_000_000_000,
    });
    expect(one({ color: 'good', text: 'x' })?.color).toMatch(/^#/);
    expect(one({ ts: '1700000000000', text: 'x' })?.at).toBe(1_700_000_000_000);
  });

  it.each([null, 'x', 7, {}, [null, 'x', 7, [], {}], [{ text: {} }], [{ fields: 'x' }], [{ fields: [null, 'x'] }]])(
    '%j are none',
    (attachments) => expect(attachmentsOf(post(attachments))).toEqual([]),
  );

  it('hold nothing that runs or breaks out of its place', () => {
    const bad = one({
      color: 'red;background:url(https://evil.example)',
      title: 'x',
      title_link: 'javascript:alert(1)',
      author_icon: 'data:image/svg+xml,x',
      image_url: 'vbscript:x',
      ts: 'never',
    });
    expect(bad).toMatchObject({ color: '', titleLink: '', image: '', at: 0 });
    expect(bad?.author.icon).toBe('');
  });

  it('show their fallback when there is nothing else', () => {
    expect(one({ fallback: 'for others' })?.text).toBe('for others');
    expect(one({ fallback: 'for others', title: 'x' })?.text).toBe('');
  });

  it('are no more and no longer than a reader can bear', () => {
    const long = 'x'.repeat(100_000);
    const field = { title: long, value: long };
    const list = attachmentsOf(post(Array(1000).fill({ title: long, text: long, fields: Array(1000).fill(field) })));
    expect(list).toHaveLength(20);
    expect(list[0]?.fields).toHaveLength(40);
    expect(list[0]?.text).toHaveLength(8000);
    expect(list[0]?.title).toHaveLength(500);
  });

  it('give the words by which a message is known', () => {
    const both = post([{ title: 'T', text: 'hi @ann', fields: [{ value: '@bob' }] }]);
    expect(wordsOf(both)).toBe('T');
    expect(wordsOf(post([], 'own'))).toBe('own');
  });
});
