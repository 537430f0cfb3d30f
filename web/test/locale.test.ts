import { afterEach, describe, expect, it, vi } from 'vitest';
import { formatSize } from '../src/lib/files/files';
import { LANGUAGES, locale, pick } from '../src/lib/i18n/locale.svelte';
import * as m from '../src/lib/messages';

describe('the language', () => {
  afterEach(async () => {
    vi.restoreAllMocks();
    localStorage.clear();
    await locale.use('en');
  });

  const browserSpeaks = (...tags: string[]) => vi.spyOn(navigator, 'languages', 'get').mockReturnValue(tags);

  it('is the first of those asked for that there are texts in', () => {
    expect(pick(['fr-FR', 'de-AT', 'en'])).toBe('de');
    expect(pick(['', 'fr'])).toBe('en');
    expect(LANGUAGES.map((language) => locale.nameOf(language))).toEqual(['English', 'Deutsch']);
  });

  it('is the account’s inside and the browser’s outside, and is remembered in between', async () => {
    browserSpeaks('en-GB');
    await locale.enter('de');
    expect([m.common_save(), document.documentElement.lang]).toEqual(['Speichern', 'de']);
    expect(localStorage.getItem('rustchat:/:language')).toBe('"de"');
    await locale.leave();
    expect([m.common_save(), document.documentElement.lang]).toEqual(['Save', 'en']);
    expect(localStorage.getItem('rustchat:/:language')).toBeNull();
  });

  it('is the one that was chosen last, whichever texts come first', async () => {
    await Promise.all([locale.use('de'), locale.use('en')]);
    expect(m.common_save()).toBe('Save');
  });

  it('counts as its speakers do', async () => {
    const spoken = () => [m.post_new_count({ count: 1 }), m.post_new_count({ count: 1234 }), formatSize(1_500_000)];
    expect(spoken()).toEqual(['1 new message', '1,234 new messages', '1.4 MB']);
    await locale.use('de');
    expect(spoken()).toEqual(['1 neue Nachricht', '1.234 neue Nachrichten', '1,4 MB']);
  });

  it('writes numbers and lists as its region does', async () => {
    browserSpeaks('fr', 'en-IN');
    await locale.use('de');
    expect([locale.tag, locale.number(123456), locale.list(['a', 'b', 'c'])]).toEqual(['de', '123.456', 'a, b und c']);
    await locale.use('en');
    expect([locale.tag, locale.number(123456)]).toEqual(['en-IN', '1,23,456']);
    expect(locale.list(['a', 'b', 'c'])).toBe('a, b and c');
    expect(locale.list(['a', 'b', 'c'], 'unit')).toBe('a, b, c');
    expect(locale.list(['a', 'b'], 'disjunction')).toBe('a or b');
  });
});
