/** Hostile texts are read in time that grows with their length, and become pages that are not deep. */
import { describe, expect, it } from 'vitest';
import { renderMarkdown, snippet } from '../src/lib/markdown/render';
import { mentioned } from '../src/lib/posts/mentions';
import { nothing, type Surroundings } from '../src/lib/markdown/words';

/** Everything is known: the dearest case. */
const around: Surroundings = { ...nothing, mention: () => null, emoji: () => null };

const deep = (n: number, mark: string) =>
  Array.from({ length: n / 20 }, (_, at) => `${' '.repeat(2 * at)}${mark} x`).join('\n');
const HOSTILE: Record<string, (n: number) => string> = {
  quotes: (n) => '>'.repeat(n),
  'quotes with spaces': (n) => '> '.repeat(n),
  'quotes over lines': (n) => '> > > > > > > > > > x\n'.repeat(n / 20),
  stars: (n) => '*'.repeat(n),
  'stars with words': (n) => '*a '.repeat(n),
  'stars in pairs': (n) => '*a **b '.repeat(n / 2),
  'stars opened and closed': (n) => '*a'.repeat(n) + 'b*'.repeat(n),
  'stars and underscores': (n) => '*a _b '.repeat(n / 2) + '_ c*'.repeat(n / 2),
  brackets: (n) => '['.repeat(n),
  'brackets closed': (n) => '['.repeat(n) + ']'.repeat(n),
  'links in links': (n) => '['.repeat(n) + 'a](b)'.repeat(n),
  'links without end': (n) => '[a](b'.repeat(n),
  'titles without end': (n) => '[a](/b "'.repeat(n),
  pictures: (n) => '!['.repeat(n),
  'pictures in pictures': (n) => '!['.repeat(n / 2) + 'a](/b)'.repeat(n / 2),
  'pictures of sizes': (n) => '![a](/b =1'.repeat(n),
  backticks: (n) => '`'.repeat(n),
  'backticks of all lengths': (n) =>
    Array.from({ length: Math.sqrt(2 * n) }, (_, at) => `${'`'.repeat(at + 1)} `)
      .join('')
      .repeat(2),
  underscores: (n) => '_'.repeat(n),
  'underscores with words': (n) => '_a '.repeat(n),
  tildes: (n) => '~'.repeat(n),
  'tildes with words': (n) => '~~a ~b '.repeat(n / 2),
  'tildes and slashes': (n) => '/~'.repeat(n),
  'entities that are none': (n) => Array.from({ length: n / 2 }, (_, at) => `&x${at};`).join(''),
  less: (n) => '<'.repeat(n),
  'tags without end': (n) => '<a '.repeat(n),
  entities: (n) => '&'.repeat(n),
  'entities with names': (n) => '&amp;&x'.repeat(n / 4),
  backslashes: (n) => '\\'.repeat(n),
  bars: (n) => `${'|'.repeat(n)}\n${'|-'.repeat(n)}|\n${'|'.repeat(n)}`,
  'tables of rows': (n) => `|a|b|\n|-|-|\n${'|x|y|\n'.repeat(n / 4)}`,
  'lists in lists on a line': (n) => '- '.repeat(n),
  'lists in lists': (n) => deep(n, '-'),
  'numbered lists in lists': (n) => deep(n, '1.'),
  'numbers on a line': (n) => '1. '.repeat(n),
  'lists in quotes': (n) => '> - '.repeat(n / 2),
  'a long word': (n) => 'a'.repeat(n * 4),
  'a long word with dots': (n) => 'a.'.repeat(n * 2),
  signs: (n) => '@'.repeat(n),
  'names with separators': (n) => `@${'a.'.repeat(n)}`,
  'names behind slashes': (n) => '@a/'.repeat(n),
  'mail without end': (n) => 'a@'.repeat(n),
  'mail of many parts': (n) => `a@${'b.'.repeat(n)}@`,
  colons: (n) => ':'.repeat(n),
  'emoji without end': (n) => ':a'.repeat(n),
  'addresses without hosts': (n) => 'http:// '.repeat(n / 2),
  'addresses on end': (n) => 'http://a'.repeat(n / 2),
  'schemes on end': (n) => 'http:'.repeat(n),
  'mail schemes on end': (n) => 'mailto:'.repeat(n / 2),
  'hosts on end': (n) => 'www.'.repeat(n),
  'hosts that are none': (n) => 'www..'.repeat(n),
  'addresses with brackets': (n) => `http://a/${'('.repeat(n)}${')'.repeat(n)}`,
  definitions: (n) => '[a]: /b\n'.repeat(n / 4),
  'definitions without end': (n) => '[a]: /b "\n'.repeat(n / 4),
  headings: (n) => '# '.repeat(n),
  lines: (n) => '\n'.repeat(n),
  'lines of blanks': (n) => ' \n'.repeat(n),
  blanks: (n) => ' '.repeat(n),
  'tabs in lists': (n) => '-\t'.repeat(n),
  fences: (n) => '```\n'.repeat(n / 2),
  underlines: (n) => 'a\n='.repeat(n / 2),
};

/** The processor's time, in milliseconds. */
const time = (work: () => void): number => {
  const begin = process.cpuUsage();
  work();
  return process.cpuUsage(begin).user / 1000;
};
/** The least of some turns: what else the machine does is not counted. */
const best = (work: () => void): number => Math.min(...[1, 2, 3].map(() => time(work)));

function depthOf(element: Element): number {
  let depth = 0;
  for (let level = [...element.children]; level.length; level = level.flatMap((one) => [...one.children])) depth++;
  return depth;
}

describe.each(Object.entries(HOSTILE))('%s', (_name, make) => {
  it('are read in linear time', { retry: 2, timeout: 30_000 }, () => {
    const [once, twice, four] = [2000, 4000, 8000].map((n) => {
      const text = make(n);
      return best(() => {
        mentioned(text, () => false);
        snippet(text);
      });
    }) as [number, number, number];
    expect(four, `${once} ${twice} ${four} ms`).toBeLessThan(Math.max(60, 6 * once));
  });

  it('are shown, and not deeply', { timeout: 30_000 }, () => {
    const text = make(3000);
    const element = document.createElement('div');
    element.innerHTML = renderMarkdown(text, around);
    expect(depthOf(element)).toBeLessThan(60);
    if (/\S/.test(text)) expect(element.textContent || element.querySelector('img, hr, input')).toBeTruthy();
  });
});
