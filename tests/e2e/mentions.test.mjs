/** Which words name one is one's own to say, for all places and for each channel; what is marked follows at once. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Person, gather, withBrowser } from './support.mjs';

describe('what names one', () => {
  withBrowser();
  let ann, bob;
  before(async () => {
    ann = await Person.arrive('ann');
    bob = await Person.arrive('bob');
    await gather('Callers', 'Deck', [ann, bob]);
  });
  after(() => Promise.all([ann, bob].filter(Boolean).map((person) => person.leave())));

  const marks = (person, text) => person.post(text).locator('.mention.me');
  const marked = async (person, text, words) => {
    await person.sees(text);
    if (words.length)
      await marks(person, text)
        .nth(words.length - 1)
        .waitFor();
    else await marks(person, text).waitFor({ state: 'detached' });
    assert.deepEqual(await marks(person, text).allInnerTexts(), words);
    const background = await person.post(text).evaluate((post) => getComputedStyle(post).borderLeftColor);
    assert.equal(background !== 'rgba(0, 0, 0, 0)', words.length > 0, background);
  };

  async function settings(tab) {
    await bob.button('Your account').click();
    await bob.page.getByRole('menuitem', { name: 'Settings' }).click();
    await bob.page.getByRole('tab', { name: tab }).click();
    return bob.page.getByRole('dialog', { name: 'Settings' });
  }

  it('are words of one’s own, and one’s first name', async () => {
    await ann.composer.fill('Who is on call to deploy? Bob and bob? 今天谁值班呢 `deploy`');
    await ann.sends();
    await marked(bob, 'on call', []);
    await settings('Profile');
    await bob.page.getByLabel('First name').fill('Bob');
    await bob.button('Save').click();
    await bob.page.getByText('Profile saved.').waitFor();
    await bob.page.getByRole('tab', { name: 'Notifications' }).click();
    await bob.page.getByLabel('Other words').fill('Deploy, on call，值班');
    await bob.page.keyboard.press('Enter');
    await bob.page.getByRole('checkbox', { name: /^Your first name, Bob/ }).check();
    await bob.picture('notifications');
    await bob.page.keyboard.press('Escape');
    await marked(bob, 'on call', ['on call', 'deploy', 'Bob', '值班']);
    await bob.picture('keywords');
    await marked(ann, 'on call', []);
  });

  it('is kept', async () => {
    await bob.page.reload();
    await marked(bob, 'on call', ['on call', 'deploy', 'Bob', '值班']);
    const dialog = await settings('Notifications');
    assert.equal(await bob.page.getByLabel('Other words').inputValue(), 'Deploy, on call, 值班');
    assert.ok(await dialog.getByRole('checkbox', { name: '@channel, @all and @here' }).isChecked());
    await bob.page.keyboard.press('Escape');
  });

  it('is everybody’s name, unless one says otherwise, here or everywhere', async () => {
    await ann.say('Lunch, @channel');
    await marked(bob, 'Lunch', ['@channel']);
    await bob.menu('Notifications');
    const dialog = bob.page.getByRole('dialog', {
      name: 'Notifications in Deck',
    });
    await dialog.getByRole('combobox', { name: '@channel, @all and @here' }).selectOption('Ignore them');
    await bob.picture('channel-notifications');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.waitFor({ state: 'detached' });
    await marked(bob, 'Lunch', []);
    await bob.go('Town Square');
    await ann.go('Town Square');
    await ann.say('Dinner, @all');
    await marked(bob, 'Dinner', ['@all']);
    await settings('Notifications');
    await bob.page.getByRole('checkbox', { name: '@channel, @all and @here' }).uncheck();
    await bob.page.getByText('Saved.', { exact: true }).first().waitFor();
    await bob.page.keyboard.press('Escape');
    await marked(bob, 'Dinner', []);
  });

  it('and what is unread of a channel, are set by keyboard alone', async () => {
    await bob.button('Channel menu').focus();
    await bob.page.keyboard.press('Enter');
    await bob.page.getByRole('menuitem', { name: 'Notifications' }).focus();
    await bob.page.keyboard.press('Enter');
    const dialog = bob.page.getByRole('dialog', {
      name: 'Notifications in Town Square',
    });
    const unread = dialog.getByRole('combobox', {
      name: 'Show the channel as unread for',
    });
    await unread.focus();
    await bob.page.keyboard.press('ArrowDown');
    assert.equal(await unread.inputValue(), 'mention');
    for (let n = 0; n < 6 && !(await dialog.locator('button[type=submit]:focus').count()); n++) {
      await bob.page.keyboard.press('Tab');
    }
    await bob.page.keyboard.press('Enter');
    await dialog.waitFor({ state: 'detached' });
    await bob.button('Channel menu').click();
    await bob.page.getByRole('menuitem', { name: 'Unmute' }).waitFor();
    await bob.page.keyboard.press('Escape');
  });

  it('can be set on a phone, in the dark', async () => {
    await bob.page.emulateMedia({ colorScheme: 'dark' });
    await bob.page.setViewportSize({ width: 390, height: 780 });
    await bob.menu('Notifications');
    await bob.picture('channel-notifications-phone');
    await bob.page.keyboard.press('Escape');
    await bob.page.setViewportSize({ width: 1280, height: 800 });
    await settings('Notifications');
    await bob.page.setViewportSize({ width: 390, height: 780 });
    await bob.picture('notifications-phone');
    const wide = await bob.page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(wide <= 390, `${wide} px wide`);
  });
});
