import { expect, it } from 'vitest';
import { replaceToken, tokenAt } from '../src/components/composer/completion';

it.each([
  ['hi @an', '@', 'an'],
  ['@', '@', ''],
  ['请问＠bo', '@', 'bo'],
  ['＠Bo', '@', 'bo'],
  ['请问@bo', '@', 'bo'],
  ['(~town', '~', 'town'],
  [':+1_da', ':', '+1_da'],
])('%j completes %s%s', (text, kind, token) => expect(tokenAt(text, text.length)).toEqual({ kind, text: token }));

it.each(['root@an', 'x~town', '10:30', '@@an', ':x'])('%j completes nothing', (text) => {
  expect(tokenAt(text, text.length)).toBeNull();
});

it.each([
  '```\n@an',
  '~~~\n:smi',
  'look:\n```rust\nlet a;\n~tow',
  '``` @an',
  '> ```\n> @an',
  '- ```\n  @an',
  '````\n```\n@an',
  '    @an',
  'a\n\n\t@an',
])('%j completes nothing in code', (text) => expect(tokenAt(text, text.length)).toBeNull());

it.each(['```\nlet a;\n```\n@an', '> ```\n> code\n\n@an', 'a `b` @an', 'a ` @an', 'x ~~a~~ @an', 'text\n    @an'])(
  '%j completes outside of code',
  (text) => expect(tokenAt(text, text.length)?.text).toBe('an'),
);

it('looks at what follows the caret as well', () => {
  expect(tokenAt('a `@an` b', 6)).toBeNull();
  expect(tokenAt('a @an `b`', 5)?.text).toBe('an');
});

it('puts the name in place of what was typed', () => {
  expect(replaceToken('请问＠bo 好', 5, '@bob ')).toEqual({ text: '请问@bob 好', caret: 7 });
});

it('does not read all of a long text at each key', () => {
  const text = 'a'.repeat(200_000);
  const begin = process.cpuUsage();
  tokenAt(text, text.length);
  replaceToken(text, text.length, '@bob ');
  expect(process.cpuUsage(begin).user / 1000).toBeLessThan(50);
});
