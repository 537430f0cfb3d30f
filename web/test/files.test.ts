import type { FileInfo } from '@mattermost/types/files';
import type { Post } from '@mattermost/types/posts';
import type { UserProfile } from '@mattermost/types/users';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError } from '../src/lib/api/errors';
import * as uploading from '../src/lib/api/upload';
import { fit, formatSize, isShowable, kindOf, placeholder, typeName } from '../src/lib/files/files';
import { previewOf, proxy } from '../src/lib/posts/embeds';
import { Attachments, MOST_FILES } from '../src/lib/state/attachments.svelte';
import { session } from '../src/lib/state/session.svelte';

const file = (name: string, mime_type = '') => ({ name, mime_type });

describe('what a file is', () => {
  it.each([
    ['a.png', 'image/png', 'picture'],
    ['a.svg', 'image/svg+xml', 'image'],
    ['a.heic', 'image/heic', 'image'],
    ['a.heic', '', 'image'],
    ['a.tiff', 'image/tiff', 'image'],
    ['a.mp4', 'video/mp4', 'video'],
    ['a.mp3', 'audio/mpeg', 'audio'],
    ['report.PDF', 'application/pdf', 'document'],
    ['tar.gz', 'application/gzip', 'archive'],
    // The type was found in the content; the name says what somebody wanted us to believe.
    ['holiday.png', 'application/octet-stream', 'other'],
    ['noextension', '', 'other'],
  ])('%s of type %s is %s', (name, type, kind) => expect(kindOf(file(name, type))).toBe(kind));

  it('is a picture too where the server made one of it', () => {
    expect(kindOf({ ...file('a.tiff', 'image/tiff'), has_preview_image: true })).toBe('picture');
    expect(isShowable(file('a.tiff', 'image/tiff'))).toBe(false);
    expect(isShowable(file('a.png', 'image/png'))).toBe(true);
  });

  it('names types as people do', () => {
    expect(typeName(file('a.pdf'))).toBe('PDF');
    expect(typeName(file('a.extraordinary'))).toBe('File');
    expect(typeName({ ...file('a'), extension: 'zip' })).toBe('ZIP');
  });

  it.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1024, '1.0 KB'],
    [1_048_575, '1.0 MB'],
    [52_428_800, '50 MB'],
    [-1, '0 B'],
  ])('%i bytes are %s', (bytes, words) => expect(formatSize(bytes)).toBe(words));

  it('fits pictures into a box and never enlarges them', () => {
    const most = { width: 480, height: 360 };
    expect(fit(960, 720, most)).toEqual({ width: 480, height: 360 });
    expect(fit(100, 50, most)).toEqual({ width: 100, height: 50 });
    expect(fit(10, 5000, most).height).toBe(360);
    expect(fit(0, 0, most)).toEqual({ width: 320, height: 240 });
  });

  it('takes placeholders that are nothing but base64', () => {
    expect(placeholder({ mini_preview: 'AAAA' })).toBe('data:image/jpeg;base64,AAAA');
    expect(placeholder({ mini_preview: 'x); background: url(http://evil.example' })).toBe('');
    expect(placeholder({ mini_preview: undefined })).toBe('');
  });
});

describe('attached files', () => {
  const choose = (name: string, size = 5) => new File([new Uint8Array(size)], name, { type: 'text/plain' });
  const info = (id: string) => ({ id, name: `${id}.txt`, size: 5, mime_type: 'text/plain' }) as FileInfo;
  let attachments: Attachments;

  beforeEach(() => {
    localStorage.clear();
    session.me = { id: 'me' } as UserProfile;
    session.config = { MaxFileSize: '100' };
    attachments = new Attachments();
    attachments.open('me');
  });
  afterEach(() => vi.restoreAllMocks());

  it('are handed over once they are there, and only then', async () => {
    let arrived: (info: FileInfo) => void = () => {};
    vi.spyOn(uploading, 'upload').mockReturnValue(new Promise((resolve) => (arrived = resolve)));
    expect(attachments.add('c', '', [choose('a.txt')])).toEqual([]);
    expect(attachments.take('c', '')).toEqual([]);
    arrived(info('a'));
    await vi.waitFor(() => expect(attachments.in('c')[0]?.state).toBe('done'));
    expect(attachments.in('c', 'thread')).toEqual([]);
    expect(attachments.take('c', '').map(({ id }) => id)).toEqual(['a']);
    expect(attachments.in('c')).toEqual([]);
  });

  it('come back after a reload, as far as the server has them', async () => {
    vi.spyOn(uploading, 'upload')
      .mockResolvedValueOnce(info('a'))
      .mockReturnValueOnce(new Promise(() => {}));
    attachments.add('c', 'r', [choose('a.txt'), choose('b.txt')]);
    await vi.waitFor(() => expect(attachments.in('c', 'r').some(({ state }) => state === 'done')).toBe(true));
    const later = new Attachments();
    later.open('me');
    expect(later.in('c', 'r').map(({ name }) => name)).toEqual(['a.txt']);
    later.open('somebody else');
    later.close();
    later.open('somebody else');
    expect(later.in('c', 'r')).toEqual([]);
  });

  it('are the same in all tabs, but for what is on its way', async () => {
    vi.spyOn(uploading, 'upload')
      .mockReturnValueOnce(new Promise(() => {}))
      .mockResolvedValueOnce(info('b'));
    const other = new Attachments();
    other.open('me');
    attachments.add('c', '', [choose('a.txt')]);
    other.add('c', '', [choose('b.txt')]);
    await vi.waitFor(() => expect(other.in('c')[0]?.state).toBe('done'));
    const key = Object.keys(localStorage).find((stored) => stored.includes('files:me:'))!;
    const tell = () => dispatchEvent(new StorageEvent('storage', { key }));
    tell();
    expect(attachments.in('c').map(({ name }) => name)).toEqual(['b.txt', 'a.txt']);
    expect(other.take('c', '')).toHaveLength(1);
    tell();
    expect(attachments.in('c').map(({ name }) => name)).toEqual(['a.txt']);
    other.close();
  });

  it('come back after a logout in the middle of another', async () => {
    let stopped: (error: Error) => void = () => {};
    vi.spyOn(uploading, 'upload')
      .mockResolvedValueOnce(info('a'))
      .mockReturnValueOnce(new Promise((_, reject) => (stopped = reject)));
    attachments.add('c', '', [choose('a.txt'), choose('b.txt')]);
    await vi.waitFor(() => expect(attachments.in('c').some(({ state }) => state === 'done')).toBe(true));
    attachments.close();
    stopped(new Error('cancelled'));
    await new Promise((resolve) => setTimeout(resolve));
    attachments.open('me');
    expect(attachments.in('c').map(({ name }) => name)).toEqual(['a.txt']);
  });

  it('say by name why one is not taken', () => {
    vi.spyOn(uploading, 'upload').mockReturnValue(new Promise(() => {}));
    const [large, empty] = attachments.add('c', '', [choose('film.mp4', 101), choose('nothing.txt', 0)]);
    expect(large).toBe('“film.mp4” is larger than 100 B.');
    expect(empty).toBe('“nothing.txt” is empty.');
    const many = Array.from({ length: MOST_FILES + 1 }, (_, n) => choose(`${n}.txt`));
    expect(attachments.add('c', '', many)).toEqual([`“10.txt” was left out: a message carries at most 10 files.`]);
    expect(attachments.in('c')).toHaveLength(MOST_FILES);
  });

  it('keep the reason of a failure, and can be tried again', async () => {
    const send = vi.spyOn(uploading, 'upload');
    send.mockRejectedValueOnce(new ApiError(413, { message: 'Too large.' })).mockResolvedValueOnce(info('a'));
    attachments.add('c', '', [choose('a.txt')]);
    await vi.waitFor(() => expect(attachments.in('c')[0]).toMatchObject({ state: 'failed', error: 'Too large.' }));
    attachments.retry('c', '', attachments.in('c')[0]!.key);
    await vi.waitFor(() => expect(attachments.in('c')[0]).toMatchObject({ state: 'done', error: '' }));
  });

  it('stop being sent when they are taken away', () => {
    let signal: AbortSignal | undefined;
    vi.spyOn(uploading, 'upload').mockImplementation((_, __, options) => {
      signal = options.signal;
      return new Promise(() => {});
    });
    attachments.add('c', '', [choose('a.txt')]);
    attachments.remove('c', '', attachments.in('c')[0]!.key);
    expect(signal?.aborted).toBe(true);
    expect(attachments.has('c')).toBe(false);
  });
});

describe('link previews', () => {
  const post = (embeds: unknown[], message = '') =>
    ({ id: 'p', message, metadata: { embeds, images: {} } }) as unknown as Post;
  const graph = (data: object) => post([{ type: 'opengraph', url: 'https://www.example.com/a', data }]);

  it('show title, words and a picture from the proxy', () => {
    const images = [{ url: 'https://cdn.example.com/a.png', width: 4, height: 3 }];
    const preview = previewOf(graph({ title: ' A ', description: 'B', images }), true);
    expect(preview).toMatchObject({ site: 'example.com', title: 'A', description: 'B' });
    expect(preview?.picture?.src).toMatch(/\/api\/v4\/image\?url=https%3A%2F%2Fcdn\.example\.com%2Fa\.png$/);
  });

  it('have no picture without a proxy', () => {
    expect(previewOf(graph({ title: 'A', images: [{ url: 'https://x.example/a.png' }] }), false)?.picture).toBeNull();
    expect(previewOf(post([{ type: 'image', url: 'https://x.example/a.png' }]), false)).toBeNull();
  });

  it('do not repeat a picture that the text shows', () => {
    const embeds = [{ type: 'image', url: 'https://x.example/a.png' }];
    expect(previewOf(post(embeds, 'https://x.example/a.png'), true)?.picture?.src).toContain('/api/v4/image?url=');
    expect(previewOf(post(embeds, '![a](https://x.example/a.png)'), true)).toBeNull();
  });

  it('are of web pages only', () => {
    for (const url of ['javascript:alert(1)', 'data:image/png;base64,AA', 'ftp://x.example', 'nonsense']) {
      expect(previewOf(post([{ type: 'image', url }]), true)).toBeNull();
      expect(proxy(url, true)).toBe('');
    }
  });
});
