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
const isJumboHere = (text: string) => isJumbo(text, (name) => name === 'tada');
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
      expect(node.getAttribute('href') ?? '/').toMatch(/^(https?:|ftp:|ssh:|mailto:|tel:|\/)/);
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

  it('gives large numbers of lists their room', () => {
    const list = (text: string) => page(text).querySelector('ol');
    expect(list('7. a')?.outerHTML).toContain('start="7"');
    expect(list('1. a')?.hasAttribute('start')).toBe(false);
    expect(list('99. a')?.className).toBe('');
    expect(list('2024. a')?.className).toBe('long');
    expect(list('1234567. a')?.className).toBe('longest');
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

  it('links no channel within words and addresses', () => {
    for (const text of ['x~town-square', 'https://x.example/~town-square', 'x.example/~town-square', '~town-square~']) {
      expect(page(text).querySelector('.channel-link'), text).toBeNull();
    }
    expect(page('请看~town-square').querySelector('.channel-link')).not.toBeNull();
  });

  it('leaves a link whole that has a name in it', () => {
    const element = page('[ask @ann and ![x](https://x.example/p) now](https://x.example/help)');
    expect([...element.querySelectorAll('a')].map((link) => link.textContent)).toEqual(['ask @ann and x now']);
    expect(element.querySelector('a span.mention')?.textContent).toBe('@ann');
  });

  it('leaves e-mail addresses and code alone', () => {
    expect(page('write to someone@ann.example').querySelector('.mention')).toBeNull();
    expect(page('write to a@ann.example').querySelector('a')?.getAttribute('href')).toBe('mailto:a@ann.example');
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
    expect(isJumboHere('🎉 👍🏽')).toBe(true);
    expect(isJumboHere(':tada:')).toBe(true);
    expect(isJumboHere(':tada: :wq:')).toBe(false);
    expect(isJumboHere('ok 🎉')).toBe(false);
    expect(isJumboHere('   ')).toBe(false);
  });

  it.each([
    ['snake_case and a_b_c', 'snake_case and a_b_c'],
    ['see https://x.example/a_b#c', 'see https://x.example/a_b#c'],
    ['2 > 1, C# and a|b ~ c', '2 > 1, C# and a|b ~ c'],
    ['# Title\n> said *she*\n\n- one\n- two', 'Title said she one two'],
    ['```js\nlet a_b = `c`;\n```', 'let a_b = `c`;'],
    ['a `b*c` d\\*', 'a b*c d*'],
    ['| a | b |\n|---|---|\n| 1 | 2 |', 'a b 1 2'],
    ['![a cat](https://x.example/c.png) :tada: @ann', 'a cat :tada: @ann'],
    ['&lt;b&gt; <i>', '<b> <i>'],
    ['[INFO]: https://x.example', '[INFO]: https://x.example'],
  ])('shows %j in one line as %j', (text, line) => expect(snippet(text)).toBe(line));

  it('shortens to one line', () => {
    expect(snippet('**Hello**\n\nworld')).toBe('Hello world');
    expect(snippet('see [the plan](https://example.com/plan)')).toBe('see the plan');
    expect(snippet('x'.repeat(100), 10)).toBe(`${'x'.repeat(9)}…`);
  });
});

describe('messages that would show nothing', () => {
  it.each(['[INFO]: https://x.example', '>', '#', '[](https://x.example)', '[a]: /b "c"', '-'])(
    '%j is shown as it was typed',
    (text) => expect(page(text).textContent?.replace(/\s+/g, ' ').trim()).toBe(text.replace(/\s+/g, ' ')),
  );

  it('keeps a definition to itself that something refers to', () => {
    expect(page('[plan][1]\n\n[1]: https://x.example/plan').textContent?.trim()).toBe('plan');
    expect(page('[plan][1]\n\n[1]: https://x.example/plan\n[2]: https://x.example/b').textContent).toContain('[2]:');
  });

  it.each([
    ['[plan][1]\n\n[1]: nowhere', '[plan][1] [1]: nowhere'],
    ['[plan][1]\n\n[1]: javascript:alert(1)', '[plan][1] [1]: javascript:alert(1)'],
    ['> [a]: https://x.example\n\n- [b]: soon', '[a]: https://x.example [b]: soon'],
  ])('%j is shown without a link to where none may lead', (text, shown) => {
    expect(page(text).textContent?.replace(/\s+/g, ' ').trim()).toBe(shown);
    expect(page(text).querySelector('a:not([href^="https:"])')).toBeNull();
  });
});

describe('nesting', () => {
  it('ends where nobody reads any more, with the rest as text', () => {
    const element = page(`${'>'.repeat(3000)} end`);
    expect(element.querySelectorAll('blockquote')).toHaveLength(20);
    expect(element.textContent?.trim()).toBe(`${'>'.repeat(2980)} end`);
    const list = Array.from({ length: 40 }, (_, at) => `${'  '.repeat(at)}- item${at}`).join('\n');
    expect(page(list).querySelectorAll('ul')).toHaveLength(10);
    expect(page(list).textContent).toContain('- item39');
    expect(page(`${list}\n\nafter`).lastElementChild?.textContent).toBe('after');
    expect(page(`${'*a **b '.repeat(40)}${'** *'.repeat(40)}`).textContent).toContain('b');
  });

  it('is CommonMark in the rest', () => {
    expect(page('~~~\n`@ann`\n~~~').querySelector('pre')?.textContent).toBe('`@ann`\n');
    expect(page('````\n```\n````').querySelector('pre')?.textContent).toBe('```\n');
    expect(page('    a\n      b').querySelector('pre')?.textContent).toBe('a\n  b\n');
    expect(page('``a ` b``').querySelector('code')?.textContent).toBe('a ` b');
    expect(page('a ` b').textContent?.trim()).toBe('a ` b');
    expect(page('2. b\n3. c').querySelector('ol')?.getAttribute('start')).toBe('2');
    expect(page('|a|\n|:-:|\n|b|').querySelector('td')?.getAttribute('align')).toBe('center');
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

  it.each([
    ['![a](https://x.example/a.png =100x50)', '100', '50'],
    ['![a](https://x.example/a.png =20)', '20', '15'],
    ['![a](https://x.example/a.png =x60 "A title")', '80', '60'],
    ['![a](https://x.example/a.png =9999x9999)', '2000', '2000'],
    [`![a](https://x.example/a.png =20x10 "${'t'.repeat(900)}")`, '20', '10'],
    ['![a](https://x.example/a.png =99999x99999)', '2000', '2000'],
    ['![a](https://x.example/a.png =12345678901234567890)', '2000', '1500'],
  ])('%s has the size that was asked for', (text, width, height) => {
    const image = shown(text).querySelector('img');
    expect([image?.getAttribute('width'), image?.getAttribute('height')]).toEqual([width, height]);
  });

  it.each(['![a](https://x.example/a.png =axb)', '![a](javascript:x =1x1)', '![a](https://x.example =1x2x3)'])(
    '%s is no picture',
    (text) => expect(shown(text).querySelector('img')).toBeNull(),
  );

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
