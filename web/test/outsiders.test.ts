import { expect, it } from 'vitest';
import { named } from '../src/lib/posts/mentions';

it.each([
  ['@bob, ask @Cat.Lee. And @bob again', ['bob', 'cat.lee']],
  ['@all @here @channel', []],
  ['ann@example.com', []],
  ['`@bob` and\n```\n@cat\n```\n@dora', ['dora']],
  ['(@eve)', ['eve']],
])('%j names %j', (text, names) => expect(named(text)).toEqual(names));
