import { describe, expect, it } from 'vitest';
import { isJumbo, renderMarkdown, snippet, type Surroundings } from '../src/lib/markdown/render';

const around: Surroundings = {
  mention: (name) => {
    if (name === 'ann') return { href: '/t/messages/@ann', me: false };
    if (name === 'ann.lee') return { href: '/t/messages/@ann.lee', me: true };
    return name === 'here' ? { href: null, me: true } : null;
  },
  channel: (name) => (name === 'town-square' ? { href: '/t/channels/town-square', title: 'Town <Square>' } : null),
  emoji: (name) => (name === 'tada' ? { sign: '🎉' } : null),
};
const render = (text: string) => renderMarkdown(text, around);

/** Puts the HTML into a page as the client does, and looks at what became of it. */
function page(text: string): HTMLElement {
  const element = document.createElement('div');
  element.innerHTML = render(text);
  return element;
}

describe('hostile messages', () => {
  it.each([
    ['<script>window.hacked = 1</script>'],
    ['text <script src="https://evil.example/x.js"></script> text'],
    ['<img src=x onerror="window.hacked = 1">'],
    ['<svg onload="window.hacked = 1"></svg>'],
    ['<iframe srcdoc="<script>1</script>"></iframe>'],
    ['<a href="javascript:window.hacked = 1">click</a>'],
    ['[click](javascript:window.hacked=1)'],
    ['[click](JaVaScRiPt:window.hacked=1)'],
    ['[click](&#106;avascript:window.hacked=1)'],
    ['[click](data:text/html,<script>1</script>)'],
    ['![x](javascript:window.hacked=1)'],
    ['<javascript:window.hacked=1>'],
    ['[a](https://x.example "\\" onmouseover=\\"window.hacked=1")'],
    ['<style>body { display: none }</style>'],
    ['<form action="/api/v4/users/logout"><input type="submit"></form>'],
    ['```html\n</code></pre><script>window.hacked = 1</script>\n```'],
    ['@ann<img src=x onerror=alert(1)>'],
  ])('%s does nothing', (text) => {
    const element = page(text);
    expect(element.querySelectorAll('script, img, svg, iframe, style, form, object, embed')).toHaveLength(0);
    for (const node of element.querySelectorAll('*')) {
      for (const { name } of node.attributes) expect(name).not.toMatch(/^on|^src$|^style$/);
      expect(node.getAttribute('href') ?? '/').toMatch(/^(https?:|mailto:|tel:|\/)/);
    }
    expect((window as unknown as { hacked?: number }).hacked).toBeUndefined();
  });

  it('shows the tags of a message as text', () => {
    expect(page('<script>alert(1)</script>').textContent).toContain('<script>alert(1)</script>');
    expect(page('a <b>bold</b> word').querySelector('b')).toBeNull();
    for (const text of [
      '<code>a < b</x> c</code> d',
      'x <scr<script>ipt>y</scr</script>ipt> z',
      '<pre><i>a</i> </b c',
    ]) {
      expect(page(text).textContent?.trim()).toBe(text);
    }
  });
});

describe('ordinary messages', () => {
  it('renders emphasis, code, lists, quotes and tables', () => {
    expect(render('**b** _i_ ~~s~~ `c`')).toContain('<strong>b</strong> <em>i</em> <del>s</del> <code>c</code>');
    expect(page('- a\n- b').querySelectorAll('ul > li')).toHaveLength(2);
    expect(page('> q').querySelector('blockquote')?.textContent?.trim()).toBe('q');
    expect(page('| a | b |\n|---|---|\n| 1 | 2 |').querySelectorAll('td')).toHaveLength(2);
    expect(page('```js\nlet a = "<b>";\n```').querySelector('pre code')?.textContent).toBe('let a = "<b>";\n');
  });

  it('keeps single line breaks', () => {
    expect(page('one\ntwo').querySelectorAll('br')).toHaveLength(1);
  });

  it('opens links to elsewhere in another tab, without a referrer', () => {
    const link = page('see https://example.com/a_b').querySelector('a');
    expect(link?.getAttribute('href')).toBe('https://example.com/a_b');
    expect(link?.target).toBe('_blank');
    expect(link?.rel).toContain('noopener');
    expect(page(`[in](${location.origin}/t/pl/x)`).querySelector('a')?.target).toBe('');
  });

  it('shows pictures as links and headings without an outline', () => {
    expect(page('![cat](https://example.com/c.png)').querySelector('a')?.textContent).toBe('cat');
    expect(page('# Big').querySelector('h1')).toBeNull();
    expect(page('# Big').querySelector('.md-h1')?.textContent).toBe('Big');
  });

  it('lets only checkboxes through, and those disabled, each with the name of its task', () => {
    const boxes = [...page('- [x] done\n- [ ] **still** open\n  - [ ] below').querySelectorAll('input')];
    expect(boxes.map((box) => box.getAttribute('aria-label'))).toEqual(['done', 'still open', 'below']);
    for (const box of boxes) expect(box.disabled).toBe(true);
  });

  it('leaves a link that would lead nowhere as it was typed', () => {
    for (const text of ['[bad](javascript:alert(1))', '[x](nowhere)', '![y](data:image/png,z)']) {
      expect(page(text).querySelector('a')).toBeNull();
    }
    expect(page('a [bad](javascript:alert(1)) link').textContent?.trim()).toBe('a [bad](javascript:alert(1)) link');
  });

  it('lets each part run in its own direction, and code always to the right', () => {
    const dirs = (text: string) => [...page(text).querySelectorAll('[dir=auto]')].map(({ tagName }) => tagName);
    expect(dirs('hello\n\nمرحبا\n\n- واحد\n\n> اثنان')).toEqual(['P', 'P', 'UL', 'BLOCKQUOTE']);
    expect(dirs('```\nمرحبا\n```')).toEqual([]);
  });
});

describe('what chat adds', () => {
  it('links people who exist, with the longest name that fits', () => {
    expect(page('hi @ann.').querySelector('a.mention')?.getAttribute('href')).toBe('/t/messages/@ann');
    expect(page('hi @ann.lee!').querySelector('a.mention.me')?.textContent).toBe('@ann.lee');
    expect(page('hi @nobody').querySelector('.mention')).toBeNull();
    expect(page('@here').querySelector('span.mention.me')).not.toBeNull();
  });

  it('leaves e-mail addresses and code alone', () => {
    expect(page('write to someone@ann.example').querySelector('.mention')).toBeNull();
    expect(page('`@ann :tada: ~town-square`').querySelector('.mention, .emoji, .channel-link')).toBeNull();
  });

  it('links channels, escaping their names, and keeps strikethrough', () => {
    const element = page('in ~town-square, ~~not here~~');
    expect(element.querySelector('.channel-link')?.textContent).toBe('~Town <Square>');
    expect(element.querySelector('del')?.textContent).toBe('not here');
  });

  it('replaces known emoji names', () => {
    expect(page('yes :tada: :unknown: 10:30:45').textContent?.trim()).toBe('yes 🎉 :unknown: 10:30:45');
  });

  it('knows a message of nothing but emoji', () => {
    expect(isJumbo('🎉 👍🏽')).toBe(true);
    expect(isJumbo(':tada:')).toBe(true);
    expect(isJumbo('ok 🎉')).toBe(false);
    expect(isJumbo('   ')).toBe(false);
  });

  it('shortens to one line', () => {
    expect(snippet('**Hello**\n\nworld')).toBe('Hello world');
    expect(snippet('see [the plan](https://example.com/plan)')).toBe('see the plan');
    expect(snippet('x'.repeat(100), 10)).toBe(`${'x'.repeat(9)}…`);
  });
});

describe('pictures in messages', () => {
  const proxied: Surroundings = {
    ...around,
    image: (address) => ({
      src: `${location.origin}/api/v4/image?url=${encodeURIComponent(address)}`,
      width: 40,
      height: 30,
    }),
  };
  const shown = (text: string, surroundings = proxied) => {
    const element = document.createElement('div');
    element.innerHTML = renderMarkdown(text, surroundings);
    return element;
  };

  it('come from the proxy, in a box of their size, and lead to where they are', () => {
    const element = shown('![a cat](https://cats.example/cat.png "Cat")');
    const image = element.querySelector('img')!;
    expect(image.getAttribute('src')).toBe(`${location.origin}/api/v4/image?url=https%3A%2F%2Fcats.example%2Fcat.png`);
    expect(image.alt).toBe('a cat');
    expect(image.getAttribute('width')).toBe('40');
    expect(image.closest('a')?.getAttribute('href')).toBe('https://cats.example/cat.png');
  });

  it('are links where there is no proxy', () => {
    const element = shown('![a cat](https://cats.example/cat.png)', around);
    expect(element.querySelector('img')).toBeNull();
    expect(element.querySelector('a')?.textContent).toBe('a cat');
  });

  it('never come from anywhere else, whatever the renderer was told', () => {
    for (const src of [
      'https://evil.example/a.png',
      '/api/v4/users/logout',
      `${location.origin}/api/v4/files/x`,
      `https://evil.example/?${location.origin}/api/v4/image?url=x`,
    ]) {
      const element = shown('![x](https://a.example/b.png)', {
        ...around,
        image: () => ({ src, width: 0, height: 0 }),
      });
      expect(element.querySelector('img'), src).toBeNull();
    }
  });

  it('inside of a link leave the link whole', () => {
    const element = shown('[![x](https://a.example/b.png)](https://c.example)');
    expect(element.querySelectorAll('a a')).toHaveLength(0);
    expect(element.querySelector('img')?.closest('a')?.getAttribute('href')).toBe('https://c.example');
  });
});

describe('custom emoji', () => {
  const custom: Surroundings = {
    ...around,
    emoji: (name) => (name === 'parrot' ? { src: `${location.origin}/api/v4/emoji/abc123/image` } : null),
  };

  it('are pictures with their name', () => {
    const element = document.createElement('div');
    element.innerHTML = renderMarkdown('hello :parrot: and :unknown:', custom);
    const image = element.querySelector('img')!;
    expect(image.getAttribute('src')).toBe(`${location.origin}/api/v4/emoji/abc123/image`);
    expect(image.alt).toBe(':parrot:');
    expect(element.textContent).toContain(':unknown:');
  });
});
