import { readFileSync } from 'node:fs';
import { afterEach, expect, it } from 'vitest';
import { renderMarkdown } from '../src/lib/markdown/render';
import { allowSchemes } from '../src/lib/markdown/schemes';
import { nothing } from '../src/lib/markdown/words';

interface Case {
  text: string;
  schemes?: string;
  links: string[];
  why: string;
}
const cases = JSON.parse(readFileSync('../tests/texts/links.json', 'utf8')) as Case[];

afterEach(() => allowSchemes(''));

it.each(cases)('$text ($why)', ({ text, schemes = '', links }) => {
  allowSchemes(schemes);
  const element = document.createElement('div');
  element.innerHTML = renderMarkdown(text, nothing);
  expect([...element.querySelectorAll('a')].map((link) => link.getAttribute('href'))).toEqual(links);
});

it('shows all of a text with addresses', () => {
  for (const { text } of cases.filter(({ text }) => !/[`*~<[]|_https/.test(text))) {
    const element = document.createElement('div');
    element.innerHTML = renderMarkdown(text, nothing);
    expect(element.textContent?.trim()).toBe(text);
  }
});
