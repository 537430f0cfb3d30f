/** What people and integrations write is shown as they meant it, and no text takes the page along. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { picture } from './files.mjs';
import { Person, gather, withBrowser } from './support.mjs';

const list = Array.from({ length: 110 }, (_, at) => `${'  '.repeat(at)}- ${at}`).join('\n');
/** Each breaks a reader that is not bounded, in one way or another. */
const HOSTILE = {
  quotes: '>'.repeat(3000),
  lists: `lists\n\n${list}`,
  'lists on a line': '- '.repeat(3000),
  stars: `stars ${'*a **b '.repeat(1000)}`,
  brackets: `${'['.repeat(1500)}${'](b)'.repeat(1500)}`,
  pictures: `${'!['.repeat(1000)}${'](/b)'.repeat(1000)}`,
  backticks: Array.from({ length: 100 }, (_, at) => '`'.repeat(at)).join(' '),
  tables: `${'|'.repeat(2000)}\n${'|-'.repeat(2000)}|\n${'|'.repeat(2000)}`,
  words: `${'@a.'.repeat(1500)} ${'http:'.repeat(1000)}`,
};
const ATTACHMENTS = [
  {
    color: '#36a64f',
    pretext: 'The build of **harbour** is done.',
    author_name: 'Builder',
    author_link: 'https://ci.example/builder',
    title: 'Build 77',
    title_link: 'https://ci.example/77',
    text: 'All of `cargo test` is green, says @here. Thanks :tada:',
    fields: [
      { title: 'Branch', value: 'main', short: true },
      { title: 'Took', value: '4 min', short: true },
      { title: 'Notes', value: '- one\n- two' },
    ],
    image_url: 'https://ci.example/graph.png',
    footer: 'CI',
    ts: 1_700_000_000,
  },
  { color: 'danger', title: 'Deploy failed', title_link: 'javascript:alert(1)', text: 'x'.repeat(20_000) },
  { fallback: 'Only a fallback' },
];

describe('what is written', () => {
  withBrowser();
  let ann, bob;
  before(async () => {
    ann = await Person.arrive('ann');
    bob = await Person.arrive('bob');
    await gather('Harbour', 'Quay', [ann, bob]);
    // What the server would fetch from elsewhere.
    const { buffer } = picture('graph.png', 320, 120);
    await bob.page.route('**/api/v4/image?url=*', (route) => route.fulfill({ contentType: 'image/png', body: buffer }));
  });
  after(() => Promise.all([ann, bob].filter(Boolean).map((person) => person.leave())));

  /** Brings Bob to the newest message: one that is out of view is not in the page. */
  async function toLatest() {
    await bob.messages.getByRole('article').first().waitFor();
    const jump = bob.button(/Jump to the latest|new messages?$/);
    if (await jump.count()) await jump.click();
  }

  it('never breaks the channel of those who read it', async () => {
    for (const [name, message] of Object.entries(HOSTILE)) {
      await ann.put('quay', message);
      await ann.put('quay', `after ${name}`);
      await bob.sees(`after ${name}`);
    }
    await bob.page.reload();
    await bob.isIn('Quay');
    await toLatest();
    await bob.sees('after words');
    await bob.say('still here');
    await ann.sees('still here');
    const depth = await bob.messages.evaluate((log) => {
      let most = 0;
      for (const element of log.querySelectorAll('.md *')) {
        let at = 0;
        for (let up = element; !up.matches('.md'); up = up.parentElement) at++;
        most = Math.max(most, at);
      }
      return most;
    });
    assert.ok(depth < 60, `${depth} levels`);
    assert.equal(await bob.button('Try again').count(), 0);
    await bob.openThread('after words');
    await bob.reply('in a thread as well');
    await bob.thread.getByRole('button', { name: /close/i }).click();
  });

  it('never breaks the head of a channel', async () => {
    const { id } = await ann.placeOf('quay');
    await ann.ask([{ path: `/channels/${id}/patch`, method: 'PUT', body: { header: '>'.repeat(1000), purpose: '- '.repeat(120) } }]);
    await bob.page.reload();
    await bob.isIn('Quay');
    await bob.say('under that header');
    await ann.ask([{ path: `/channels/${id}/patch`, method: 'PUT', body: { header: '', purpose: '' } }]);
  });

  it('shows what integrations attach', async () => {
    await ann.put('quay', '', { props: { attachments: ATTACHMENTS } });
    const build = bob.page.getByRole('region', { name: 'Build 77' });
    await build.waitFor();
    assert.equal(await build.getByRole('link', { name: 'Build 77', exact: true }).getAttribute('href'), 'https://ci.example/77');
    await build.getByText('4 min').waitFor();
    assert.equal(await build.locator('code').innerText(), 'cargo test');
    assert.equal(await build.locator('.mention').innerText(), '@here');
    const [branch, took, notes] = await build.locator('dl > div').evaluateAll((all) => all.map((one) => one.getBoundingClientRect().top));
    assert.equal(branch, took);
    assert.ok(notes > branch);
    const failed = bob.page.getByRole('region', { name: 'Deploy failed' });
    assert.equal(await failed.getByRole('link').count(), 0);
    await bob.page.getByText('Only a fallback').waitFor();
    await seen(build.locator('.image img'));
    await build.scrollIntoViewIfNeeded();
    await bob.picture('attachments');
    // It is higher than the view: what is said below it is out of sight.
    await toLatest();
  });

  it('shows links, pictures of a size and lines that look like definitions', async () => {
    await ann.put('quay', '![map](https://x.example/map.png =200x75) a map');
    const map = bob.post('a map').getByRole('img', { name: 'map' });
    await seen(map);
    const { width, height } = await map.boundingBox();
    assert.deepEqual([width, height], [200, 75]);
    const lines = ['[INFO]: https://logs.example/7', 'see (https://x.example/a_(b)_c) and http://пример.рф/путь，好', 'http://[2001:db8::1]:80/x'];
    await ann.put('quay', lines.join('\n\n'));
    const links = bob.post('[INFO]').locator('.md a');
    await links.first().waitFor();
    assert.deepEqual(await links.evaluateAll((all) => all.map((link) => link.getAttribute('href'))), [
      'https://logs.example/7',
      'https://x.example/a_(b)_c',
      'http://пример.рф/путь',
      'http://[2001:db8::1]:80/x',
    ]);
  });

  it('names whom the server notifies, and nobody else', async () => {
    const message = `请问@${bob.name}你好 root@${bob.name} [hi @${bob.name}](https://x.example)`;
    await ann.put('quay', message);
    const names = bob.post('请问').locator('.mention');
    await names.first().waitFor();
    assert.deepEqual(await names.evaluateAll((all) => all.map((one) => one.tagName)), ['A', 'SPAN']);
    await bob.composer.fill(`＠${ann.name.slice(0, 5)}`);
    await bob.composer.press('End');
    await bob.composer.pressSequentially(ann.name.slice(5, 7));
    await bob.page.getByRole('option', { name: ann.name }).waitFor();
    await bob.page.keyboard.press('Enter');
    assert.equal(await bob.composer.inputValue(), `@${ann.name} `);
    await bob.composer.fill('');
  });

  it('has emoji by all names, in messages and as reactions', async () => {
    const message = 'Which? :+1_dark_skin_tone: :flag-de: :rolling_on_the_floor_laughing:';
    await ann.put('quay', message);
    const shown = bob.post('Which?').locator('.md .emoji');
    await shown.nth(2).waitFor();
    assert.deepEqual(await shown.allInnerTexts(), ['👍🏿', '🇩🇪', '🤣']);
    await bob.react('Which?', '+1');
    const chip = ann.post('Which?').getByRole('button', { name: '+1: 1' });
    await chip.waitFor();
    await bob.picture('names-and-emoji');
    await bob.react('Which?', '+1');
    await chip.waitFor({ state: 'detached' });
  });

  it('fits a phone, in the dark as well', async () => {
    await bob.page.setViewportSize({ width: 390, height: 780 });
    await bob.page.emulateMedia({ colorScheme: 'dark' });
    const build = bob.page.getByRole('region', { name: 'Build 77' });
    await build.scrollIntoViewIfNeeded();
    const { width } = await build.boundingBox();
    assert.ok(width <= 390, `${width} pixels`);
    await bob.picture('attachments-phone-dark');
  });
});

/** Pictures are fetched when they come into view. */
async function seen(image) {
  await image.scrollIntoViewIfNeeded();
  await image.evaluate((element) => element.decode());
}
