import { expect, it } from 'vitest';
import { candidates } from '../src/lib/posts/mentions';

it.each([
  ['@bob, ask @Cat.Lee. And @bob again', ['bob', 'cat.lee.', 'cat.lee', 'cat']],
  ['@all @here @channel', []],
  ['ann@example.com', []],
  ['`@bob` and\n```\n@cat\n```\n@dora', ['dora']],
  ['(@eve)', ['eve']],
])('%j may name %j', (text, names) => expect(candidates(text)).toEqual(names));
