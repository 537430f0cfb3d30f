import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { client } from '../src/lib/api/client';
import { renderMarkdown } from '../src/lib/markdown/render';
import { allowSchemes } from '../src/lib/markdown/schemes';
import { nothing } from '../src/lib/markdown/words';
import { session } from '../src/lib/state/session.svelte';

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

describe('the schemes that the administrator allows', () => {
  const link = (text: string) => {
    const element = document.createElement('div');
    element.innerHTML = renderMarkdown(text, nothing);
    return element.querySelector('a')?.getAttribute('href');
  };

  it('are those of the server’s settings', async () => {
    vi.spyOn(client, 'getClientConfig').mockResolvedValue({ CustomUrlSchemes: 'steam' } as never);
    await session.start();
    expect(link('steam://run/1')).toBe('steam://run/1');
    expect(link('[play](steam://run/1)')).toBe('steam://run/1');
    expect(link('slack://x')).toBeUndefined();
  });

  it('change with them', () => {
    session.config = { CustomUrlSchemes: 'slack' };
    expect(link('slack://x')).toBe('slack://x');
    expect(link('steam://run/1')).toBeUndefined();
  });
});

it('shows all of a text with addresses', () => {
  for (const { text } of cases.filter(({ text }) => !/[`*~<[]|_https/.test(text))) {
    const element = document.createElement('div');
    element.innerHTML = renderMarkdown(text, nothing);
    expect(element.textContent?.trim()).toBe(text);
  }
});
