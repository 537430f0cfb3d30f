/** A long channel: little of it is in the page, and what one reads, holds or has begun stays, whatever happens around it. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { picture } from './files.mjs';
import { Person, gather, url, withBrowser } from './support.mjs';

describe('a long channel', () => {
  withBrowser();
  let ann, bob;
  /** Those that do not say any more what they said. */
  let other = [];

  before(async () => {
    [ann, bob] = [await Person.arrive('ann'), await Person.arrive('bob')];
    await gather('Records', 'Archive', [ann, bob]);
    await ann.flood('archive', 400);
    await bob.page.reload();
    await bob.isIn('Archive');
    await bob.inView(flood(400));
  });
  after(() => Promise.all([ann, bob].filter(Boolean).map((person) => person.leave())));

  const flood = (n) => bob.messages.getByText(`flood ${n}`, { exact: true });
  const scroll = (by) => bob.messages.evaluate((list, by) => list.scrollBy(0, by), by);
  const end = () => bob.messages.evaluate((list) => list.scrollTo(0, list.scrollHeight));
  const frame = () => bob.page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve))));
  const top = async (locator) => Math.round((await locator.boundingBox()).y);
  const rows = () => bob.messages.getByRole('article').count();

  /** The number of a message in view, somewhere in the middle. */
  const middle = () =>
    bob.messages.evaluate((list) => {
      const { top, height } = list.getBoundingClientRect();
      const all = [...list.querySelectorAll('article .md')].filter((one) => /^flood \d+$/.test(one.innerText.trim()));
      const found = all.find((one) => one.getBoundingClientRect().top > top + height / 2);
      return Number(found.innerText.trim().slice(6));
    });

  /** Does something, and sees that a message in view has not moved by it. */
  async function holds(what, act) {
    const n = await middle();
    const before = await top(flood(n));
    await act();
    await frame();
    await frame();
    assert.ok(Math.abs((await top(flood(n))) - before) <= 1, `${what}: flood ${n} moved from ${before} to ${await top(flood(n))}`);
  }

  async function upTo(n) {
    for (let tries = 0; tries < 200 && !(await flood(n).count()); tries++) {
      await scroll(-500);
      await frame();
    }
    await flood(n).scrollIntoViewIfNeeded();
    await frame();
  }

  it('is read to its beginning, and little of it is in the page', async () => {
    let most = 0;
    for (let tries = 0; tries < 300 && !(await bob.page.getByText('This is the beginning').count()); tries++) {
      most = Math.max(most, await rows());
      await scroll(-600);
      await frame();
    }
    await bob.messages.evaluate((list) => list.scrollTo(0, 0));
    await bob.inView(flood(1));
    assert.ok(most > 20 && most < 120, `${most} messages in the page`);
    await end();
    await bob.inView(flood(400));
    assert.equal(await flood(200).count(), 0);
    assert.ok((await rows()) < 120);
  });

  it('holds what one reads while older messages come in above', async () => {
    await bob.page.reload();
    await bob.isIn('Archive');
    await bob.inView(flood(400));
    let goOn;
    const wait = new Promise((resolve) => (goOn = resolve));
    await bob.page.route('**/posts?*before=*', (route) => wait.then(() => route.continue()));
    await scroll(-300);
    await bob.messages.evaluate((list) => list.scrollTo(0, 400));
    await frame();
    await holds('older messages', async () => {
      const come = bob.page.waitForResponse((answer) => answer.url().includes('before='));
      goOn();
      await (await come).finished();
      await bob.page.waitForFunction(() => document.querySelector('[role=log]').scrollTop > 800);
    });
    await bob.page.unroute('**/posts?*before=*');
  });

  it('holds it while messages above and below change, go away and come', async () => {
    await upTo(300);
    const { id } = await ann.placeOf('archive');
    const [{ posts }] = await ann.ask([{ path: `/channels/${id}/posts?per_page=200` }]);
    const idOf = (n) => Object.values(posts).find(({ message }) => message === `flood ${n}`).id;
    const n = await middle();
    other = [n - 22, n - 20];
    const edit = (at, message) => ann.ask([{ path: `/posts/${idOf(at)}/patch`, method: 'PUT', body: { message } }]);
    // In view above what is looked at, but not the first that is wholly in view.
    await holds('an edit out of view', async () => {
      await edit(n - 22, `changed\n${'much longer\n'.repeat(15)}`);
      await bob.messages.getByText('much longer').first().waitFor({ state: 'attached' });
    });
    await holds('a message that goes away', async () => {
      await ann.ask([{ path: `/posts/${idOf(n - 20)}`, method: 'DELETE' }]);
      await flood(n - 20).waitFor({ state: 'detached' });
    });
    await holds('messages at the end', async () => {
      await ann.say('news at the end');
      await bob.button('1 new message').waitFor();
    });
  });

  it('holds it while a picture above gets its size', async () => {
    const n = await middle();
    // The first row in the page is above the view.
    await holds('a picture', () =>
      bob.messages.evaluate((list) => {
        const above = list.querySelector('[data-row] .md');
        const picture = new Image(300, 700);
        above.append(picture);
      }),
    );
    assert.ok(n > 1);
  });

  it('keeps to its end while messages come and pictures load', async () => {
    await bob.button(/Jump to the latest|new message/).click();
    await bob.inView(bob.post('news at the end'));
    await ann.say('one more line');
    await bob.inView(bob.post('one more line'));
    await ann.attach([picture('chart.png', 640, 480)]);
    await ann.button(/Remove chart.png/).waitFor();
    await ann.sends();
    const shown = bob.page.getByRole('button', { name: 'Show chart.png' });
    await bob.inView(shown);
    await bob.say('seen');
    await bob.inView(bob.post('seen'));
  });

  it('leads to a message by its address, and back to the newest', async () => {
    const { id } = await ann.placeOf('archive');
    const [{ posts, order }] = await ann.ask([{ path: `/channels/${id}/posts?page=3&per_page=100` }]);
    const old = posts[order.at(-30)];
    const team = new URL(bob.page.url()).pathname.split('/')[1];
    await bob.page.goto(`${url}/${team}/pl/${old.id}`);
    await bob.inView(bob.messages.getByText(old.message, { exact: true }));
    assert.equal(await bob.post('seen').count(), 0);
    await bob.button('Jump to the latest').click();
    await bob.inView(bob.post('seen'));
  });

  it('keeps the focus on a message that one scrolls away from', async () => {
    await bob.messages.focus();
    for (const key of ['ArrowUp', 'ArrowUp', 'ArrowUp']) await bob.page.keyboard.press(key);
    const focused = () => bob.page.evaluate(() => document.activeElement.dataset.post);
    const held = await focused();
    assert.ok(held);
    for (let n = 0; n < 8; n++) {
      await scroll(-600);
      await frame();
    }
    assert.equal(await focused(), held);
    await bob.page.keyboard.press('ArrowUp');
    const inside = await bob.messages.evaluate((list) => {
      const [at, box] = [document.activeElement.getBoundingClientRect(), list.getBoundingClientRect()];
      return at.top >= box.top - 1 && at.bottom <= box.bottom + 1;
    });
    assert.ok(inside, 'the message above is in view');
    assert.notEqual(await focused(), held);
  });

  it('keeps a selection that is longer than the view', async () => {
    await upTo(350);
    const first = await middle();
    await bob.messages.evaluate((list, first) => {
      const all = [...list.querySelectorAll('article .md')];
      const at = all.findIndex((one) => one.innerText.trim() === `flood ${first}`);
      getSelection().setBaseAndExtent(all[at + 2], 1, all[at], 0);
    }, first);
    for (let n = 0; n < 8; n++) {
      await scroll(-400);
      await frame();
      const begins = await middle();
      await bob.messages.evaluate((list, begins) => {
        const one = [...list.querySelectorAll('article .md')].find((md) => md.innerText.trim() === `flood ${begins}`);
        getSelection().extend(one, 0);
      }, begins);
    }
    const last = await middle();
    const text = await bob.page.evaluate(() => getSelection().toString());
    const said = Array.from({ length: first - last }, (_, n) => last + n).filter((n) => !other.includes(n));
    assert.deepEqual(said.filter((n) => !text.includes(`flood ${n}\n`)), []);
    assert.ok(first - last > 50, `${first - last} messages`);
    await bob.page.evaluate(() => getSelection().removeAllRanges());
  });

  it('keeps what one has begun to change, wherever one looks meanwhile', async () => {
    await end();
    await bob.inView(bob.post('seen'));
    await bob.choose('seen', 'Edit');
    const box = bob.page.getByRole('textbox', { name: 'Edit message' });
    await box.fill('seen and noted');
    await bob.composer.focus();
    for (let n = 0; n < 8; n++) {
      await scroll(-600);
      await frame();
    }
    await end();
    await bob.inView(box);
    assert.equal(await box.inputValue(), 'seen and noted');
    await bob.button('Save').click();
    await bob.sees('seen and noted');
  });

  it('looks as it should on a phone', async () => {
    await bob.page.setViewportSize({ width: 390, height: 780 });
    await bob.inView(bob.post('seen and noted'));
    await bob.picture('long-channel-phone');
    await scroll(-500);
    await frame();
    await bob.picture('long-channel-phone-up');
    const wide = await bob.messages.evaluate((list) => list.scrollWidth - list.clientWidth);
    assert.equal(wide, 0);
  });
});
