/** Times and days are the reader's own: two people at opposite ends of the calendar look at the same message. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Person, gather, unique, withBrowser } from './support.mjs';

const EAST = 'Pacific/Apia';
const WEST = 'Pacific/Pago_Pago';

describe('a time', () => {
  withBrowser();
  let ann, bob, at;
  const word = `tide${unique()}`;

  before(async () => {
    ann = await Person.arrive('ann', { timezoneId: EAST });
    bob = await Person.arrive('bob', { timezoneId: WEST });
    await gather('Dateline', 'Tides', [ann, bob]);
    await ann.say(`high ${word}`);
    await bob.sees(`high ${word}`);
    at = new Date(await ann.post(word).locator('time').getAttribute('datetime'));
  });
  after(() => Promise.all([ann, bob].filter(Boolean).map((person) => person.leave())));

  const inZone = (timeZone, options) => new Intl.DateTimeFormat('en-GB', { timeZone, ...options }).format(at);
  const day = (timeZone) => new Intl.DateTimeFormat('en-CA', { timeZone }).format(at);
  const shownAt = (person) => person.post(word).locator('time').innerText();
  const results = (person) => person.page.getByRole('complementary', { name: 'Search results' });

  async function finds(person, terms, whether) {
    await person.page.getByRole('searchbox', { name: 'Search messages' }).fill(terms);
    await person.page.keyboard.press('Enter');
    const what = whether ? results(person).getByRole('article') : results(person).getByText('No messages were found.');
    await what.first().waitFor();
    await person.button('Close search results').click();
    await results(person).waitFor({ state: 'detached' });
  }

  async function display(person) {
    await person.button('Your account').click();
    await person.page.getByRole('menuitem', { name: 'Settings' }).click();
    await person.page.getByRole('tab', { name: 'Display' }).click();
    return person.page.getByRole('dialog', { name: 'Settings' });
  }

  it('is shown as clocks show it where one is', async () => {
    for (const [person, zone] of [
      [ann, EAST],
      [bob, WEST],
    ]) {
      assert.equal(await shownAt(person), inZone(zone, { timeStyle: 'short' }));
      const tip = await person.post(word).locator('a.time').getAttribute('title');
      assert.equal(tip, inZone(zone, { dateStyle: 'full', timeStyle: 'short' }));
    }
    assert.notEqual(day(EAST), day(WEST));
  });

  it('is searched for by the days that one has', async () => {
    for (const [person, own, other] of [
      [ann, EAST, WEST],
      [bob, WEST, EAST],
    ]) {
      await finds(person, `${word} on:${day(own)}`, true);
      await finds(person, `${word} on:${day(other)}`, false);
    }
    await finds(bob, `${word} before:${day(EAST)}`, true);
    await finds(ann, `${word} before:${day(EAST)}`, false);
    await finds(ann, `${word} after:${day(WEST)}`, true);
    await finds(bob, `${word} after:${day(WEST)}`, false);
  });

  it('is shown in the zone and the hours that one chose, at once and everywhere', async () => {
    const dialog = await display(ann);
    await ann.picture('display');
    await dialog.getByRole('combobox', { name: 'Time zone' }).selectOption(WEST);
    await ann.page.getByText('Saved.', { exact: true }).first().waitFor();
    await dialog.getByRole('combobox', { name: 'Clock' }).selectOption('12 hours');
    await ann.page.keyboard.press('Escape');
    await ann
      .post(word)
      .getByText(inZone(WEST, { timeStyle: 'short', hourCycle: 'h12' }))
      .waitFor();
    await finds(ann, `${word} on:${day(WEST)}`, true);
    await finds(ann, `${word} on:${day(EAST)}`, false);
    // It is the account's: another device shows the same.
    const elsewhere = await Person.arrive('elsewhere', {
      timezoneId: 'Asia/Kolkata',
    });
    elsewhere.name = ann.name;
    await elsewhere.logIn();
    await elsewhere.go('Tides');
    await elsewhere.sees(word);
    assert.equal(await shownAt(elsewhere), inZone(WEST, { timeStyle: 'short', hourCycle: 'h12' }));
    await elsewhere.leave();
    const again = await display(ann);
    await again.getByRole('combobox', { name: 'Clock' }).selectOption('As usual in your language');
    await again.getByRole('combobox', { name: 'Time zone' }).selectOption('');
    await ann.page.keyboard.press('Escape');
    await ann
      .post(word)
      .getByText(inZone(EAST, { timeStyle: 'short' }), { exact: true })
      .waitFor();
  });
});
