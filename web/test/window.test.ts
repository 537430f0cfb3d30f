import { describe, expect, it } from 'vitest';
import { appendPage, fromPage, insert, keepFirst, keepLast, prependPage, remove } from '../src/lib/posts/window';

const times: Record<string, number> = { a: 1, b: 2, c: 2, d: 3, e: 4, f: 5 };
const at = (id: string) => times[id] ?? 0;

describe('a window of posts', () => {
  it('turns pages, which are newest first, around', () => {
    expect(fromPage(['c', 'b', 'a'], true, true).ids).toEqual(['a', 'b', 'c']);
  });

  it('puts a post where its time says, and among equals by arrival', () => {
    const window = fromPage(['d', 'b', 'a'], true, true);
    expect(insert(window, 'c', at).ids).toEqual(['a', 'b', 'c', 'd']);
    expect(insert(fromPage(['d', 'c', 'a'], true, true), 'b', at).ids).toEqual(['a', 'c', 'b', 'd']);
  });

  it('takes each post once', () => {
    const window = fromPage(['b', 'a'], true, true);
    expect(insert(window, 'b', at)).toBe(window);
    expect(prependPage(fromPage(['c', 'b'], false, true), ['b', 'a'], true).ids).toEqual(['a', 'b', 'c']);
    expect(appendPage(fromPage(['b', 'a'], true, false), ['c', 'b'], true).ids).toEqual(['a', 'b', 'c']);
  });

  it('leaves out what lies beyond its ends', () => {
    const middle = fromPage(['d', 'b'], false, false);
    expect(insert(middle, 'a', at)).toBe(middle);
    expect(insert(middle, 'e', at)).toBe(middle);
    expect(insert(fromPage(['d', 'b'], true, false), 'a', at).ids).toEqual(['a', 'b', 'd']);
    expect(insert(fromPage(['d', 'b'], false, true), 'e', at).ids).toEqual(['b', 'd', 'e']);
  });

  it('takes the first post of an empty channel', () => {
    expect(insert(fromPage([], true, true), 'a', at).ids).toEqual(['a']);
  });

  it('removes several at once and is left alone otherwise', () => {
    const window = fromPage(['c', 'b', 'a'], true, true);
    expect(remove(window, new Set(['a', 'c'])).ids).toEqual(['b']);
    expect(remove(window, new Set(['x']))).toBe(window);
  });

  it('that is too long lets go of one end, and knows that something follows there', () => {
    const window = fromPage(['d', 'c', 'b', 'a'], true, true);
    expect(keepFirst(window, 3)).toEqual({ ids: ['a', 'b', 'c'], atStart: true, atEnd: false });
    expect(keepLast(window, 3)).toEqual({ ids: ['b', 'c', 'd'], atStart: false, atEnd: true });
    expect(keepFirst(window, 4)).toBe(window);
    expect(keepLast(window, 4)).toBe(window);
  });
});
