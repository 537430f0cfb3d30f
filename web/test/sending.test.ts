import type { FileInfo } from '@mattermost/types/files';
import type { UserProfile } from '@mattermost/types/users';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { client } from '../src/lib/api/client';
import * as uploading from '../src/lib/api/upload';
import { attachments } from '../src/lib/state/attachments.svelte';
import { drafts } from '../src/lib/state/drafts.svelte';
import { outbox } from '../src/lib/state/outbox.svelte';
import { sending } from '../src/lib/state/sending.svelte';
import { session } from '../src/lib/state/session.svelte';

describe('a message that is sent while a file is on its way', () => {
  const info = { id: 'f', name: 'a.txt', size: 1, mime_type: 'text/plain' } as FileInfo;
  let arrives: (info: FileInfo) => void;
  let fails: (error: Error) => void;
  const state = () => attachments.in('c')[0]?.state;
  const sent = () => outbox.in('c').map(({ post }) => [post.message, post.file_ids]);

  beforeEach(() => {
    localStorage.clear();
    session.me = { id: 'me' } as UserProfile;
    vi.spyOn(client, 'createPost').mockReturnValue(new Promise(() => {}));
    vi.spyOn(uploading, 'upload').mockReturnValue(
      new Promise((resolve, reject) => {
        arrives = resolve;
        fails = reject;
      }),
    );
    for (const store of [drafts, attachments]) store.open('me');
    attachments.add('c', '', [new File(['a'], 'a.txt')]);
    drafts.set('c', '', 'with a file');
    sending.send('c', '');
  });
  afterEach(() => {
    for (const store of [sending, outbox, drafts, attachments]) store.close();
    vi.restoreAllMocks();
  });

  it('goes when the file is there, and not before', async () => {
    expect(sent()).toEqual([]);
    expect(sending.waits('c', '')).toBe(true);
    expect(sending.waits('c', 'thread')).toBe(false);
    arrives(info);
    await vi.waitFor(() => expect(sent()).toEqual([['with a file', ['f']]]));
    expect(drafts.get('c')).toBe('');
    expect(sending.waits('c', '')).toBe(false);
  });

  it('is taken back by writing on', async () => {
    sending.takeBack('c', '');
    arrives(info);
    await vi.waitFor(() => expect(state()).toBe('done'));
    expect(sent()).toEqual([]);
    expect(drafts.get('c')).toBe('with a file');
  });

  it('stays when the file does not come', async () => {
    fails(new Error('no space'));
    await vi.waitFor(() => expect(state()).toBe('failed'));
    expect(sent()).toEqual([]);
    expect(sending.waits('c', '')).toBe(false);
  });

  it('is nothing when its only file was taken away', () => {
    drafts.set('c', '', '');
    attachments.remove('c', '', attachments.in('c')[0]!.key);
    expect(sent()).toEqual([]);
  });
});
