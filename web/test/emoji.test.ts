import type { CustomEmoji } from '@mattermost/types/emojis';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { client } from '../src/lib/api/client';
import { emoji } from '../src/lib/emoji/emoji.svelte';
import table from '../src/lib/emoji/emoji.json';
import { emojiName, nameProblem } from '../src/lib/emoji/names';

const custom = (name: string) => ({ id: `id${name}`, name, creator_id: 'ann' }) as CustomEmoji;

afterEach(() => {
  emoji.clear();
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe('names of custom emoji', () => {
  it.each([
    ['Party Parrot.gif', 'party_parrot'],
    ['Größe (1).png', 'gro_e_1'],
    ['___.png', ''],
    [`${'x'.repeat(80)}.png`, 'x'.repeat(64)],
  ])('%s becomes %s', (file, name) => expect(emojiName(file)).toBe(name));

  it('say what is wrong with them', () => {
    const taken = (name: string) => name === 'tada';
    expect(nameProblem('parrot', taken)).toBe('');
    expect(nameProblem('tada', taken)).toMatch(/of this name/);
    for (const bad of ['', 'Parrot', 'a b', 'x'.repeat(65), '<img>']) expect(nameProblem(bad, taken)).toMatch(/only/);
  });
});

describe('the names of emoji', () => {
  it.each([
    ['+1', '👍'],
    ['thumbsup', '👍'],
    ['+1_dark_skin_tone', '👍🏿'],
    ['thumbsup_medium_light_skin_tone', '👍🏼'],
    ['point_up_light_skin_tone', '☝🏻'],
    ['female-technologist_medium_skin_tone', '👩🏽‍💻'],
    ['handshake_light_skin_tone_dark_skin_tone', '🫱🏻‍🫲🏿'],
    ['man-heart-man_medium_light_skin_tone', '👨🏼‍❤️‍👨🏼'],
    ['flag-de', '🇩🇪'],
    ['de', '🇩🇪'],
    ['flag-scotland', '🏴󠁧󠁢󠁳󠁣󠁴󠁿'],
    ['rolling_on_the_floor_laughing', '🤣'],
    ['satisfied', '😆'],
    ['man-woman-girl-boy', '👨‍👩‍👧‍👦'],
    ['hash', '#️⃣'],
    ['skin-tone-3', '🏼'],
    // As older versions wrote it.
    ['rofl', '🤣'],
  ])('%s is %s', async (name, sign) => {
    await emoji.load();
    expect(emoji.get(name)).toBe(sign);
  });

  it('are all of the protocol, in all tones', async () => {
    await emoji.load();
    const source = table as { names: string[]; skins?: string[] }[];
    const names = source.flatMap((one) => one.names);
    expect(names.length).toBeGreaterThan(2000);
    expect(names.filter((name) => !emoji.get(name))).toEqual([]);
    const toned = source.filter(({ skins }) => skins).flatMap((one) => one.names);
    expect(toned.filter((name) => !emoji.get(`${name}_medium_dark_skin_tone`))).toEqual([]);
    expect(emoji.get('tada_dark_skin_tone')).toBeNull();
  });

  it('are found by words, and with a tone when one is asked for', async () => {
    await emoji.load();
    expect(emoji.search('+1', 8).map(({ name }) => name)).toEqual(['+1']);
    expect(emoji.search('+1_d', 8)[0]).toMatchObject({ name: '+1_dark_skin_tone', emoji: '👍🏿' });
    expect(emoji.search('laughing', 8).map(({ name }) => name)).toContain('rolling_on_the_floor_laughing');
    expect(emoji.list.filter(({ category }) => category === '')).toEqual([]);
    expect(emoji.list[0]).toMatchObject({ name: 'grinning', category: 'Smileys & Emotion' });
  });
});

describe('an emoji with several names', () => {
  it.each([
    ['flag-de', 'flag-de', '🇩🇪'],
    ['flag-d', 'flag-de', '🇩🇪'],
    ['de', 'de', '🇩🇪'],
    ['flag-fr', 'flag-fr', '🇫🇷'],
    ['thumbsu', 'thumbsup', '👍'],
    ['thumbsup_dark', 'thumbsup_dark_skin_tone', '👍🏿'],
    ['rofl', 'rofl', '🤣'],
    [':rofl:', 'rofl', '🤣'],
    ['zimbab', 'zimbabwe', '🇿🇼'],
  ])('is found by %s, as :%s:', async (term, name, sign) => {
    await emoji.load();
    expect(emoji.search(term, 64).find((one) => one.emoji === sign)?.name).toBe(name);
  });

  it('is found by the whole of each, first of all and once', async () => {
    await emoji.load();
    for (const { names, emoji: sign, category } of table as { names: string[]; emoji: string; category: string }[]) {
      if (category === 'Component' || names.length < 2) continue;
      for (const name of names) {
        const found = emoji.search(name, 64);
        expect(found[0], name).toMatchObject({ name, emoji: sign });
        expect(new Set(found.map((one) => one.emoji)).size, name).toBe(found.length);
      }
    }
  }, 60_000);

  it('is one emoji', async () => {
    await emoji.load();
    expect(emoji.key('thumbsup')).toBe(emoji.key('+1'));
    expect(emoji.key('thumbsup_dark_skin_tone')).not.toBe(emoji.key('+1'));
    expect(emoji.key('acme_parrot')).toBe('acme_parrot');
  });
});

describe('custom emoji', () => {
  it('are found by name and by searching, and never hide the usual ones', async () => {
    await emoji.load();
    emoji.add([custom('acme_parrot'), custom('tada')]);
    expect(emoji.glyph('acme_parrot')?.src).toContain('/api/v4/emoji/idacme_parrot/image');
    expect(emoji.glyph('tada')).toEqual({ sign: '🎉' });
    expect(emoji.search('acme', 5)[0]).toMatchObject({ name: 'acme_parrot', emoji: '' });
    emoji.remove(custom('acme_parrot'));
    expect(emoji.glyph('acme_parrot')).toBeNull();
  });

  it('that somebody used are asked for once, all together', async () => {
    await emoji.load();
    vi.useFakeTimers();
    const asked = vi.spyOn(client, 'getCustomEmojisByNames').mockResolvedValue([custom('acme_owl')]);
    emoji.need(['acme_owl', 'tada']);
    emoji.need(['acme_owl', 'nobody']);
    await vi.runAllTimersAsync();
    emoji.need(['nobody']);
    await vi.runAllTimersAsync();
    expect(asked.mock.calls).toEqual([[['acme_owl', 'nobody']]]);
    expect(emoji.glyph('acme_owl')?.src).toBeTruthy();
  });
});
