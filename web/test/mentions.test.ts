import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { renderMarkdown, type Surroundings } from '../src/lib/markdown/render';
import { mentioned } from '../src/lib/posts/mentions';

interface Case {
  text: string;
  people: string[];
  mentioned: string[];
  everybody?: string[];
  why: string;
}
/** The server's tests run the same. */
const cases = JSON.parse(readFileSync('../tests/texts/mentions.json', 'utf8')) as Case[];
const EVERYBODY = ['all', 'channel', 'here'];

describe('whom a text names', () => {
  it.each(cases)('$text ($why)', ({ text, people, mentioned: wanted, everybody = [] }) => {
    const found = mentioned(text, (name) => people.includes(name) || EVERYBODY.includes(name));
    expect([...found].sort()).toEqual([...wanted, ...everybody].sort());
  });

  it.each(cases)('$text is shown so', ({ text, people, mentioned: wanted, everybody = [] }) => {
    const around: Surroundings = {
      mention: (name) =>
        people.includes(name) || EVERYBODY.includes(name) ? { href: `/t/@${name}`, me: false } : null,
      channel: () => null,
      emoji: () => null,
    };
    const element = document.createElement('div');
    element.innerHTML = renderMarkdown(text, around);
    const shown = [...element.querySelectorAll('.mention')].map((one) => one.textContent!.slice(1).toLowerCase());
    expect([...new Set(shown)].sort()).toEqual([...wanted, ...everybody].sort());
    expect(element.querySelectorAll('a a')).toHaveLength(0);
  });
});

describe('a message', () => {
  /** Whether `own` is meant, be it with everybody; `other` is a longer name that exists. */
  function names(message: string, own: string, other = ''): boolean {
    const found = mentioned(message, (name) => name === own || name === other || EVERYBODY.includes(name));
    return found.some((name) => name === own || EVERYBODY.includes(name));
  }

  it.each(['@ann', 'hi @Ann.', '(@ann)', '@here', 'Lunch, @channel!', '@all: look', '@ann-marie'])(
    '%s names ann',
    (message) => {
      expect(names(message, 'ann')).toBe(true);
    },
  );

  it.each(['ann', '@anna', 'me@ann', '@@ann', '@channels', 'me@here.example', '`@ann`'])('%s does not', (message) => {
    expect(names(message, 'ann')).toBe(false);
  });

  it('names ann-marie when there is one', () => {
    expect(names('@ann-marie', 'ann', 'ann-marie')).toBe(false);
  });

  it('takes the dot of a name for a dot', () => {
    expect(names('@ann.lee', 'ann.lee')).toBe(true);
    expect(names('@annelee', 'ann.lee')).toBe(false);
  });
});
