/** Small things that somebody notices who uses it for the first time. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Person, gather, withBrowser } from './support.mjs';

const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 };

describe('a stranger', () => {
  withBrowser();
  let ann;
  before(async () => {
    ann = await Person.arrive('ann');
  });
  after(() => ann?.leave());

  it('can type at once where there is something to type', async () => {
    await ann.page.goto(ann.at);
    const focused = (label) => ann.page.getByLabel(label).and(ann.page.locator(':focus')).waitFor();
    await focused('Email or username');
    await ann.page.getByRole('link', { name: 'Forgot your password?' }).click();
    await focused('Email');
    await gather('Sandbar', 'Shells', [ann]);
    await ann.page.keyboard.type('Hello');
    assert.equal(await ann.composer.inputValue(), 'Hello');
    await ann.composer.fill('');
  });

  it('is told when an address leads nowhere, and led back', async () => {
    const here = ann.page.url();
    const { origin } = new URL(here);
    for (const [path, why] of [
      ['/no/such/place/here', 'There is nothing at this address.'],
      ['/no-such-team', /This team does not exist/],
      ['/no-such-team/pl/abcdefghijklmnopqrstuvwxyz', /This message does not exist/],
    ]) {
      await ann.page.goto(`${origin}${path}`);
      await ann.page.getByText(why).waitFor();
      await ann.page.getByRole('link', { name: 'Back to your channels' }).click();
      await ann.isIn('Shells');
    }
  });

  it('finds the words of a search gone when its results are closed', async () => {
    const box = ann.page.getByRole('searchbox', { name: 'Search messages' });
    await box.fill('pearl');
    await ann.page.keyboard.press('Enter');
    const results = ann.page.getByRole('complementary', { name: 'Search results' });
    await results.getByText('No messages were found.').waitFor();
    assert.equal(await box.inputValue(), 'pearl');
    await ann.button('Close search results').click();
    await results.waitFor({ state: 'detached' });
    assert.equal(await box.inputValue(), '');
  });

  it('can write while a note is shown', async () => {
    await ann.say('A shell');
    await ann.choose('A shell', 'Copy text');
    const note = await ann.page.getByText('Text copied.').boundingBox();
    const box = await ann.composer.boundingBox();
    assert.ok(note.x + note.width < box.x, `${note.x} ${note.width} ${box.x}`);
  });

  it('can search on a phone, too', async () => {
    const phone = await Person.arrive('phone', PHONE);
    Object.assign(phone, { name: ann.name });
    await phone.logIn();
    await phone.isIn('Town Square');
    const box = phone.page.getByRole('searchbox', { name: 'Search messages' });
    await box.tap();
    await phone.page.keyboard.type('shell');
    await phone.picture('phone-search');
    assert.ok((await box.boundingBox()).width > 100);
    await phone.page.keyboard.press('Enter');
    const results = phone.page.getByRole('complementary', { name: 'Search results' });
    await phone.sees('A shell', results);
    await phone.leave();
  });
});
