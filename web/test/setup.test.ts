import { describe, expect, it } from 'vitest';
import { setupIn } from '../src/lib/setup';

describe('the setup secret of a link', () => {
  it.each([
    ['#setup=0123abcd', '', '0123abcd'],
    ['', '?setup=0123abcd', '0123abcd'],
    ['#setup=0123abcd', '?setup=other', '0123abcd'],
    ['#top', '?iid=x', ''],
    ['', '', ''],
  ])('%s %s: %s', (hash, search, secret) => {
    expect(setupIn(hash, search)).toBe(secret);
  });
});
