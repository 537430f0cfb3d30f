import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { differences, numbered, parametersOf, readCatalogues } from '../build/messages.js';

const { en: english = {}, ...translations } = readCatalogues();

describe('catalogues', () => {
  it.each(Object.entries(translations))('in %s have the texts of the English one, naming the same', (_, catalogue) => {
    expect(differences(english, catalogue)).toEqual([]);
  });

  it.each(Object.entries(translations))('in %s have them in the same order', (_, catalogue) => {
    expect(Object.keys(catalogue)).toEqual(Object.keys(english));
  });

  it('have no text that nothing shows', () => {
    const sources = readdirSync('src', { recursive: true, encoding: 'utf8' })
      .filter((path) => /\.(svelte|ts)$/.test(path))
      .map((path) => readFileSync(join('src', path), 'utf8'));
    const shown = new Set(sources.flatMap((code) => [...code.matchAll(/\bm\.(\w+)/g)].map(([, key]) => key)));
    expect(Object.keys(english).filter((key) => !shown.has(key))).toEqual([]);
  });

  it('are told apart by what they lack and by what they name', () => {
    expect(differences({ a: 'A {name}', b: 'B' }, { a: 'A {other}', c: 'C' })).toEqual([
      'a names other things: [["name","string"]], [["other","string"]]',
      'b is not translated',
      'c is not in English',
    ]);
  });
});

describe('a text', () => {
  it('names what stands in it, and in each of its forms', () => {
    expect(parametersOf('Nothing')).toEqual({});
    expect(parametersOf('{n, plural, one {{who} once} other {{who} # times}} of {most, number}')).toEqual({
      n: 'number',
      who: 'string',
      most: 'number',
    });
  });

  it('is called by its number in the build', () => {
    const code = (calls: string) => `import * as m from "../../lib/messages";\n${calls}`;
    expect(numbered(code('[m.b(), m.a({ name }), m.a]'), ['a', 'b'])).toBe(
      'import { text as m } from "../../lib/i18n/locale.svelte";\n[m(1), m(0, { name }), ((values) => m(0, values))]',
    );
    expect(numbered('film.b()', ['a', 'b'])).toBeUndefined();
    expect(() => numbered(code('m.c()'), ['a', 'b'])).toThrow('has no c');
  });
});
