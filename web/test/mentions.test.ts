import { describe, expect, it } from 'vitest';
import { names } from '../src/lib/posts/mentions';

describe('a message', () => {
  it.each(['@ann', 'hi @Ann.', '(@ann)', '@here', 'Lunch, @channel!', '@all: look'])('%s names ann', (message) => {
    expect(names(message, 'ann')).toBe(true);
  });

  it.each(['ann', '@anna', '@ann-marie', 'me@ann', '@@ann', '@channels', 'me@here.example'])(
    '%s does not',
    (message) => {
      expect(names(message, 'ann')).toBe(false);
    },
  );

  it('takes the dot of a name for a dot', () => {
    expect(names('@ann.lee', 'ann.lee')).toBe(true);
    expect(names('@annelee', 'ann.lee')).toBe(false);
  });
});
