/** Files between two people: attached, sent, seen, looked at, found and downloaded. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { picture, text } from './files.mjs';
import { Person, gather, unique, withBrowser } from './support.mjs';

const MINUTES = `The minutes of ${unique()}: nobody was late.`;

describe('files', () => {
  withBrowser();
  let ann, bob;
  before(async () => {
    ann = await Person.arrive('ann');
    bob = await Person.arrive('bob');
    await gather('Harbour', 'Launch', [ann, bob]);
  });
  after(() => Promise.all([ann, bob].filter(Boolean).map((person) => person.leave())));

  const chips = (person) => person.page.getByRole('list', { name: 'Attached files' });

  it('are attached, sent, and seen by the other', async () => {
    await ann.attach([picture('pier.png', 600, 400), picture('crane.png', 300, 450), text('minutes.txt', MINUTES)]);
    await chips(ann).getByRole('button', { name: 'Remove minutes.txt' }).waitFor();
    await ann.composer.fill('From the harbour');
    await ann.sends();
    await ann.isSent('From the harbour');
    await chips(ann).waitFor({ state: 'detached' });
    const post = bob.post('From the harbour');
    await post.getByRole('button', { name: 'Show pier.png' }).waitFor();
    await post.getByRole('button', { name: 'Show crane.png' }).waitFor();
    await post.getByRole('link', { name: /^Download minutes.txt/ }).waitFor();
    await post
      .locator('.picture img')
      .first()
      .evaluate((image) => image.decode());
    await bob.picture('files');
  });

  it('are downloaded as they were', async () => {
    const [download] = await Promise.all([
      bob.page.waitForEvent('download'),
      bob
        .post('From the harbour')
        .getByRole('link', { name: /^Download minutes.txt/ })
        .click(),
    ]);
    assert.equal(download.suggestedFilename(), 'minutes.txt');
    assert.equal(readFileSync(await download.path(), 'utf8'), MINUTES);
  });

  it('are shown in full size, with the keyboard alone', async () => {
    const small = bob.post('From the harbour').getByRole('button', { name: 'Show pier.png' });
    await small.focus();
    await bob.page.keyboard.press('Enter');
    await bob.page.getByRole('dialog', { name: 'Picture pier.png' }).waitFor();
    await bob.page.keyboard.press('ArrowRight');
    const second = bob.page.getByRole('dialog', { name: 'Picture crane.png' });
    await second.getByText('2 of 2').waitFor();
    await second.getByRole('img', { name: 'crane.png' }).evaluate((image) => image.decode());
    await bob.picture('lightbox');
    await bob.page.keyboard.press('ArrowRight');
    await bob.page.getByRole('dialog', { name: 'Picture pier.png' }).waitFor();
    await bob.page.keyboard.press('Escape');
    await bob.page.getByRole('dialog').waitFor({ state: 'detached' });
    assert.ok(await small.evaluate((button) => button === document.activeElement), 'the focus comes back');
  });

  it('need no words, and wait in the draft over a reload', async () => {
    await ann.attach([picture('alone.png', 80, 80)]);
    await chips(ann).getByRole('button', { name: 'Remove alone.png' }).waitFor();
    await ann.page.reload();
    await ann.isIn('Launch');
    await chips(ann).getByRole('button', { name: 'Remove alone.png' }).waitFor();
    await ann.sends();
    await bob.messages.getByRole('button', { name: 'Show alone.png' }).waitFor();
  });

  it('can be dropped and pasted', async () => {
    await ann.page.evaluate(() => {
      const carry = (name) => {
        const data = new DataTransfer();
        data.items.add(new File(['words'], name, { type: 'text/plain' }));
        return data;
      };
      const box = document.querySelector('[data-composer]');
      const drop = { bubbles: true, cancelable: true, dataTransfer: carry('dropped.txt') };
      for (const type of ['dragenter', 'dragover', 'drop']) box.dispatchEvent(new DragEvent(type, drop));
      box.dispatchEvent(
        new ClipboardEvent('paste', { bubbles: true, cancelable: true, clipboardData: carry('pasted.txt') }),
      );
    });
    for (const name of ['dropped.txt', 'pasted.txt']) {
      const away = chips(ann).getByRole('button', { name: `Remove ${name}` });
      await away.click();
      await away.waitFor({ state: 'detached' });
    }
  });

  it('that cannot be sent say why, and can be tried again', async () => {
    await ann.page.route('**/api/v4/files', (route) => route.abort(), { times: 1 });
    await ann.attach([text('late.txt', 'at last')]);
    await chips(ann)
      .getByRole('alert')
      .getByText(/cannot be reached/)
      .waitFor();
    await ann.button('Try late.txt again').click();
    await chips(ann).getByRole('alert').waitFor({ state: 'detached' });
    await chips(ann).getByRole('button', { name: 'Remove late.txt' }).waitFor();
    await ann.composer.fill('Here it is');
    await ann.sends();
    await bob
      .post('Here it is')
      .getByRole('link', { name: /^Download late.txt/ })
      .waitFor();
  });

  it('are waited for by a message that is sent before they are there', async () => {
    let release;
    const held = new Promise((resolve) => (release = resolve));
    await ann.page.route('**/api/v4/files', (route) => held.then(() => route.continue()), { times: 1 });
    await ann.attach([text('slow.txt', 'at leisure')]);
    await ann.composer.fill('With what follows');
    await ann.page.keyboard.press('Enter');
    await ann.page.getByText('It is sent as soon as the files are there.').waitFor();
    await ann.picture('waits-for-files');
    await ann.go('Town Square');
    release();
    await bob
      .post('With what follows')
      .getByRole('link', { name: /^Download slow.txt/ })
      .waitFor();
    await ann.go('Launch');
    assert.equal(await ann.composer.inputValue(), '');
  });

  it('are found by name and by what is in them', async () => {
    for (const terms of ['pier', 'nobody was late']) {
      await bob.page.getByRole('searchbox', { name: 'Search messages' }).fill(terms);
      await bob.page.keyboard.press('Enter');
      const results = bob.page.getByRole('complementary', { name: 'Search results' });
      await results.getByRole('tab', { name: 'Files' }).click();
      const name = terms === 'pier' ? 'pier.png' : 'minutes.txt';
      await results.getByRole('link', { name: new RegExp(`^Download ${name}`) }).waitFor();
      await bob.button('Close search results').click();
    }
  });
});
