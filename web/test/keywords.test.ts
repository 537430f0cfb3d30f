import type { ChannelMembership } from '@mattermost/types/channels';
import type { Post } from '@mattermost/types/posts';
import type { UserProfile } from '@mattermost/types/users';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { client } from '../src/lib/api/client';
import { highlight } from '../src/lib/markdown/highlight';
import { renderMarkdown } from '../src/lib/markdown/render';
import { finder, wordsOf } from '../src/lib/posts/keywords';
import { channels, type Channel } from '../src/lib/state/channels.svelte';
import { mentions } from '../src/lib/state/mentions.svelte';
import { notifications, notify } from '../src/lib/state/notifications.svelte';
import { session } from '../src/lib/state/session.svelte';

const found = (words: string[], text: string, name = '') =>
  (finder(words, name)?.(text) ?? []).map(([from, to]) => text.slice(from, to));

describe('words that name one', () => {
  it('have commas between them', () => {
    expect(wordsOf(' deploy,on call ,, 值班，deploy')).toEqual(['deploy', 'on call', '值班']);
    expect(wordsOf('')).toEqual([]);
    expect(finder([])).toBeNull();
  });

  it.each([
    ['Deploy! deploy, (DEPLOY)', ['Deploy', 'deploy', 'DEPLOY']],
    ['deployment redeploy deploy_1 deploy2 ödeploy', []],
    ['是deploy吗', ['deploy']],
    ['deploy-day', ['deploy']],
  ])('are found as whole words, in any case: %s', (text, words) => expect(found(['deploy'], text)).toEqual(words));

  it('are found among letters where a script puts no spaces', () => {
    expect(found(['值班'], '今天谁值班呢')).toEqual(['值班']);
    expect(found(['さくら'], 'さくらさん')).toEqual(['さくら']);
    expect(found(['회의'], '오늘 회의에서')).toEqual(['회의']);
    expect(found(['发布'], '发 布')).toEqual([]);
    expect(found(['лев'], 'лев и левша')).toEqual(['лев']);
  });

  it('may hold signs and spaces, which mean themselves', () => {
    expect(found(['c++', 'a.b'], 'C++ and a.b, not axb')).toEqual(['C++', 'a.b']);
    expect(found(['on call', 'on'], 'Who is on call? On it, on-call!')).toEqual(['on call', 'On', 'on']);
    expect(finder(['@ann'])).toBeNull();
  });

  it('name by the first name only as it is written', () => {
    expect(found([], 'Will you? I will, Will.', 'Will')).toEqual(['Will', 'Will']);
    expect(found(['will'], 'Will will', 'Will')).toEqual(['Will', 'will']);
  });

  it('are looked for in time in proportion to the text', () => {
    const text = 'a '.repeat(8000) + 'aaaaaaaa'.repeat(1000);
    const start = performance.now();
    found(
      Array.from({ length: 100 }, (_, n) => `${'a'.repeat(n + 1)} b`),
      text,
    );
    expect(performance.now() - start).toBeLessThan(2000);
  });
});

describe('in a message', () => {
  const nobody = { mention: () => null, channel: () => null, emoji: () => null };
  const shown = (text: string) => highlight(renderMarkdown(text, nobody), finder(['deploy']));
  const marked = (text: string) => shown(text).match(/<span class="mention me">[^<]*<\/span>/g) ?? [];

  it.each(['deploy', '**deploy**', '- a\n- deploy', '[deploy](https://x.example)', '| a |\n|--|\n| deploy |'])(
    '%j: they are marked',
    (text) => expect(marked(text)).toEqual(['<span class="mention me">deploy</span>']),
  );

  it.each(['`deploy`', '```\ndeploy\n```', '    deploy', 'https://x.example/deploy', '[x](https://deploy.example)'])(
    '%j: they are not',
    (text) => expect(marked(text)).toEqual([]),
  );

  it('they stay text', () => {
    expect(highlight('<p>&lt;b&gt;deploy&lt;/b&gt;</p>', finder(['deploy']))).toBe(
      '<p>&lt;b&gt;<span class="mention me">deploy</span>&lt;/b&gt;</p>',
    );
    expect(highlight('<p>a</p>', null)).toBe('<p>a</p>');
  });
});

describe('the settings', () => {
  beforeEach(() => {
    const notify_props = { desktop: 'mention', mention_keys: 'deploy', first_name: 'false', channel: 'true' };
    session.me = { id: 'me', username: 'will', first_name: 'Will', notify_props } as UserProfile;
    channels.byId.set('c', { id: 'c', type: 'O', display_name: 'C', name: 'c' } as Channel);
    member({});
  });
  afterEach(() => {
    session.me = null;
    channels.clear();
    vi.restoreAllMocks();
    vi.unstubAllGlobals();
  });

  const set = (change: object) =>
    session.update({ notify_props: { ...session.me?.notify_props, ...change } as UserProfile['notify_props'] });
  const member = (notify_props: object) =>
    channels.myMembers.set('c', { channel_id: 'c', user_id: 'me', notify_props } as ChannelMembership);

  it('say what is looked for', () => {
    const words = (text: string) => mentions.find?.(text).map(([from, to]) => text.slice(from, to));
    expect(words('Will will deploy')).toEqual(['deploy']);
    set({ first_name: 'true' });
    expect(words('Will will deploy')).toEqual(['Will', 'deploy']);
    set({ first_name: 'false', mention_keys: '' });
    expect(mentions.find).toBeNull();
  });

  it('say whether everybody is oneself, for the account and in a channel', () => {
    expect(mentions.everybody('c')).toBe(true);
    member({ ignore_channel_mentions: 'on' });
    expect([mentions.everybody('c'), mentions.everybody('other')]).toEqual([false, true]);
    member({ ignore_channel_mentions: 'default' });
    set({ channel: 'false' });
    expect(mentions.everybody('c')).toBe(false);
    member({ ignore_channel_mentions: 'off' });
    expect([mentions.everybody('c'), mentions.everybody('other')]).toEqual([true, false]);
  });

  it('are saved with those that were not changed', async () => {
    const patch = vi.spyOn(client, 'patchMe').mockImplementation((user) => Promise.resolve(user as UserProfile));
    await mentions.save({ first_name: 'true' });
    expect(patch.mock.calls[0]?.[0].notify_props).toMatchObject({ mention_keys: 'deploy', first_name: 'true' });
    await Promise.all([mentions.save({ mention_keys: 'ship' }), mentions.save({ channel: 'false' })]);
    const kept = { mention_keys: 'ship', first_name: 'true', channel: 'false' };
    expect(patch.mock.calls.at(-1)?.[0].notify_props).toMatchObject(kept);
    const channel = vi.spyOn(client, 'updateChannelNotifyProps').mockResolvedValue({ status: 'OK' });
    await mentions.saveChannel('c', { ignore_channel_mentions: 'on' });
    expect(channel).toHaveBeenCalledWith({ channel_id: 'c', user_id: 'me', ignore_channel_mentions: 'on' });
  });

  it('of a channel go before those of the account', () => {
    const told: string[] = [];
    class Told {
      static permission = 'granted';
      static requestPermission = () => Promise.resolve('granted');
      constructor(title: string) {
        told.push(title);
      }
    }
    vi.stubGlobal('Notification', Told);
    vi.spyOn(notifications, 'on', 'get').mockReturnValue(true);
    const post = { id: 'p', channel_id: 'c', user_id: 'ann', type: '', message: 'hi' } as Post;
    const heard = (mention: boolean) => {
      told.length = 0;
      notify(post, mention);
      return told.length;
    };
    expect([heard(false), heard(true)]).toEqual([0, 1]);
    member({ desktop: 'all' });
    expect([heard(false), heard(true)]).toEqual([1, 1]);
    member({ desktop: 'none' });
    expect([heard(false), heard(true)]).toEqual([0, 0]);
    set({ desktop: 'all' });
    expect([heard(false), heard(true)]).toEqual([0, 0]);
    member({ desktop: 'default' });
    expect([heard(false), heard(true)]).toEqual([1, 1]);
  });
});
