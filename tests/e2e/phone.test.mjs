/** On a phone there is room for one thing: what one opened covers the channel, and goes when one is done with it. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Person, gather, withBrowser } from './support.mjs';

describe('on a phone', () => {
  withBrowser();
  let ann, results;

  before(async () => {
    ann = await Person.arrive('ann', { viewport: { width: 390, height: 780 } });
    results = ann.page.getByRole('complementary', { name: 'Search results' });
    await ann.signUp();
    await ann.createTeam(`Pocket ${ann.name}`);
    await ann.say('a lighthouse');
  });
  after(() => ann?.leave());

  it('going back closes the thread and leaves one in the channel', async () => {
    await ann.openThread('a lighthouse');
    await ann.page.goBack();
    await ann.thread.waitFor({ state: 'detached' });
    await ann.isIn('Town Square');
    await ann.openThread('a lighthouse');
    await ann.button('Close thread').click();
    await ann.thread.waitFor({ state: 'detached' });
    await ann.page.goBack();
    await ann.page.getByLabel('Team name').waitFor();
    await ann.page.goForward();
    await ann.isIn('Town Square');
  });

  it('what one jumps to is not covered by the results that led there', async () => {
    await ann.page.getByRole('searchbox', { name: 'Search messages' }).fill('lighthouse');
    await ann.page.keyboard.press('Enter');
    await results.getByRole('link', { name: 'Jump' }).click();
    await results.waitFor({ state: 'detached' });
    await ann.sees('a lighthouse');
    assert.match(ann.page.url(), /\/channels\/town-square$/);
  });
});
