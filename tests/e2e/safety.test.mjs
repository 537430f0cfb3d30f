/** Nothing that somebody writes ever runs in the browser of another, or fetches anything from elsewhere. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Person, gather, unique, url, withBrowser } from './support.mjs';

const RUN = "window.ran=(window.ran||0)+1;alert('ran')";

/** Each is sent as a message of its own; the first word tells them apart. */
const ATTACKS = [
  `script <script>${RUN}</script>`,
  `image <img src=x onerror="${RUN}">`,
  `svg <svg onload="${RUN}"><script>${RUN}</script></svg>`,
  `frame <iframe srcdoc="<script>parent.${RUN}</script>"></iframe>`,
  `details <details open ontoggle="${RUN}">x</details>`,
  `style <style>@import url(http://tracker.example/a.css);</style><link rel=stylesheet href=http://tracker.example/b.css>`,
  `form <form action="javascript:${RUN}"><button autofocus onfocus="${RUN}">press</button></form>`,
  `linkscript [press me](javascript:${RUN})`,
  `linkcased [press me](JaVaScRiPt:${RUN})`,
  `linkcoded [press me](&#106;avascript:${RUN})`,
  `linkspaced [press me](<java\tscript:${RUN}>)`,
  `linkdata [press me](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)`,
  `linkvb [press me](vbscript:${RUN})`,
  `linkauto <javascript:${RUN}>`,
  `linktitle [press me](https://example.com "\\" onmouseover=\\"${RUN}")`,
  `picture ![x](http://tracker.example/pixel.png)`,
  `picturebreak ![x" onerror="${RUN}](x)`,
  `fence \n\`\`\`html"><script>${RUN}</script>\n</code></pre><script>${RUN}</script>\n\`\`\``,
  `mention @<img src=x onerror="${RUN}"> ~<img src=x onerror="${RUN}"> :<img src=x onerror="${RUN}">:`,
  `split <scr<script>ipt>${RUN}</scr</script>ipt> <math><mtext><table><mglyph><style><img src=x onerror="${RUN}">`,
];

describe('what people write', () => {
  withBrowser();
  let ann, bob;
  const asked = [];
  const name = `<img src=x onerror="${RUN}">`;
  // The team's own name, too.
  const team = `<svg onload=${RUN.length}>`;

  before(async () => {
    ann = await Person.arrive('ann');
    bob = await Person.arrive('bob');
    for (const { page } of [ann, bob]) {
      page.on('dialog', (dialog) => {
        asked.push(`dialog: ${dialog.message()}`);
        void dialog.dismiss();
      });
      page.on('request', (request) => {
        const address = request.url();
        if (!address.startsWith(url) && /^https?:/.test(address)) asked.push(address);
      });
    }
    await gather(team, 'Attack', [ann, bob]);
  });
  after(() => Promise.all([ann, bob].filter(Boolean).map((person) => person.leave())));

  it('is only ever shown', async () => {
    for (const attack of ATTACKS) {
      const [word] = attack.split(' ');
      await ann.composer.fill(attack);
      await ann.button('Send message').click();
      await bob.messages.locator('.md', { hasText: new RegExp(`^${word}\\s`) }).waitFor();
    }
    await nothingRan();
    // Shown as what it is.
    await bob.sees(ATTACKS[0]);
    await bob.picture('attacks');
  });

  it('is only shown after a reload as well, and in a thread', async () => {
    await bob.page.reload();
    await bob.isIn('Attack');
    await bob.sees(ATTACKS[0]);
    await bob.openThread(ATTACKS[0]);
    await bob.reply(ATTACKS[1]);
    await ann.post(ATTACKS[0]).getByRole('button', { name: /1 reply/ }).click();
    await ann.sees(ATTACKS[1], ann.thread);
    await nothingRan();
    await ann.button('Close thread').click();
    await bob.button('Close thread').click();
  });

  it('leads nowhere but to pages and mail', async () => {
    const addresses = await bob.messages
      .getByRole('link')
      .evaluateAll((links) => links.map((link) => link.getAttribute('href') ?? ''));
    assert.ok(addresses.includes('https://example.com'));
    for (const address of addresses) assert.match(address, /^(https?:|mailto:|tel:|\/)/);
    const outside = bob.messages.locator('a[href^="https://example.com"]');
    assert.match(await outside.getAttribute('rel'), /noopener/);
    assert.equal(await outside.getAttribute('target'), '_blank');
    // What no address can be made of is text: a click does nothing.
    for (const text of await bob.messages.getByText('press me').all()) {
      if ((await text.evaluate((element) => element.closest('a')?.href ?? '')) === '') await text.click();
    }
    await nothingRan();
  });

  it('is harmless in names', async () => {
    await ann.createChannel(name);
    await ann.say('in a channel with a name');
    const link = await ann.page.evaluate(() => location.href);
    await bob.page.goto(link);
    await bob.sees('in a channel with a name');
    await bob.isIn(name);
    await bob.page.keyboard.press('Control+k');
    await bob.page.getByRole('combobox').fill('img');
    await bob.page.getByRole('option', { name }).waitFor();
    await nothingRan();
    assert.equal(await bob.page.locator('img[src="x"]').count(), 0);
  });

  it('would be stopped by the page itself, were it to slip through', async () => {
    const answer = await fetch(url);
    const policy = answer.headers.get('content-security-policy') ?? '';
    assert.match(policy, /script-src|default-src/);
    assert.doesNotMatch(policy.match(/script-src[^;]*/)?.[0] ?? policy, /unsafe-inline|unsafe-eval/);
    await bob.page.evaluate((code) => {
      const script = document.createElement('script');
      script.textContent = code;
      document.body.append(script);
      const picture = document.createElement('div');
      picture.innerHTML = `<img src="/nothing-${Math.random()}.png" onerror="${code}">`;
      document.body.append(picture);
      return new Promise((resolve) => picture.firstChild.addEventListener('error', resolve));
    }, RUN);
    await nothingRan();
  });

  async function nothingRan() {
    for (const { page } of [ann, bob]) {
      assert.equal(await page.evaluate(() => window.ran), undefined);
      const odd = await page.getByRole('log').evaluateAll((logs, origin) =>
        logs.flatMap((log) =>
          [...log.querySelectorAll('*')]
            .filter(
              (element) =>
                // Icons are drawings of the client's own; everything below a message's text is the writer's.
                // Pictures come through the server's proxy, or not at all.
                (element.closest('.md') && element.tagName === 'IMG' && !element.src.startsWith(`${origin}/api/v4/`)) ||
                (element.closest('.md') && /^(script|style|link|iframe|object|embed|svg|math|form|button)$/i.test(element.tagName)) ||
                /^(script|style|link|iframe|object|embed|form)$/i.test(element.tagName) ||
                [...element.attributes].some(({ name, value }) => /^on/i.test(name) || /^\s*(javascript|data|vbscript):/i.test(value)),
            )
            .map((element) => element.outerHTML.slice(0, 120)),
        ),
        url,
      );
      assert.deepEqual(odd, []);
    }
    assert.deepEqual(asked, []);
  }
});
