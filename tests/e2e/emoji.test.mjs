/** The organisation's own emoji: added by one, used by others, deleted. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { picture } from './files.mjs';
import { Person, gather, unique, withBrowser } from './support.mjs';

describe('custom emoji', () => {
  withBrowser();
  let ann, bob;
  const name = `harbour_${unique()}`;
  before(async () => {
    ann = await Person.arrive('ann');
    bob = await Person.arrive('bob');
    await gather('Harbour', 'Signs', [ann, bob]);
  });
  after(() => Promise.all([ann, bob].filter(Boolean).map((person) => person.leave())));

  it('are added with a picture and a name', async () => {
    await ann.button('Insert emoji').click();
    // One stop of Tab, and the arrows lead round: the last category is beside the first.
    await ann.page.locator('[role=tab][tabindex="0"]').focus();
    await ann.page.keyboard.press('ArrowLeft');
    await ann.page.locator('[role=tab]:focus[aria-selected=true]').and(ann.page.getByRole('tab', { name: 'Custom' })).waitFor();
    await ann.button('Add or delete custom emoji').click();
    const [chooser] = await Promise.all([ann.page.waitForEvent('filechooser'), ann.button('Choose a picture').click()]);
    await chooser.setFiles([picture(`${name}.png`, 64, 64)]);
    assert.equal(await ann.page.getByLabel('Name').inputValue(), name);
    await ann.page.getByLabel('Name').fill('tada');
    await ann.page.getByText('There is an emoji of this name.').waitFor();
    await ann.page.getByLabel('Name').fill(name);
    await ann.button('Add').click();
    await ann.page.getByRole('list', { name: 'Custom emoji' }).getByText(`:${name}:`).waitFor();
    await ann.picture('custom-emoji');
    await ann.page.getByRole('link', { name: 'Back to the chat' }).click();
    await ann.isIn('Signs');
  });

  it('are seen in messages, at once and by everybody', async () => {
    await ann.composer.fill(`Ahoy :${name.slice(0, -2)}`);
    await ann.page.getByRole('option', { name: `:${name}:` }).waitFor();
    await ann.page.keyboard.press('Enter');
    assert.equal(await ann.composer.inputValue(), `Ahoy :${name}: `);
    await ann.sends();
    const sign = bob.post('Ahoy').getByRole('img', { name: `:${name}:` });
    await sign.waitFor();
    await sign.evaluate((image) => image.decode());
  });

  it('are reactions too', async () => {
    await bob.tool('Ahoy', 'Add reaction');
    await bob.page.getByRole('textbox', { name: 'Search emoji' }).fill(name);
    await bob.page.keyboard.press('Enter');
    const chip = ann.post('Ahoy').getByRole('button', { name: `${name}: 1` });
    await chip.waitFor();
    await chip.locator('img').evaluate((image) => image.decode());
    await ann.picture('custom-reaction');
  });

  it('are deleted by whoever made them', async () => {
    await ann.page.goto(ann.page.url().replace(/\/channels\/.*/, '/emoji'));
    await ann.button(`Delete ${name}`).click();
    await ann.button('Delete emoji').click();
    await ann.page.getByText(`:${name}: is deleted.`).waitFor();
    await bob.page.reload();
    await bob.post('Ahoy').getByText(`:${name}:`).first().waitFor();
  });
});

describe('an emoji with several names', () => {
  withBrowser();
  let ann, bob;
  before(async () => {
    ann = await Person.arrive('ann');
    bob = await Person.arrive('bob');
    await gather('Harbour', 'Flags', [ann, bob]);
  });
  after(() => Promise.all([ann, bob].filter(Boolean).map((person) => person.leave())));

  it('is found and written by each', async () => {
    await ann.composer.pressSequentially(':flag-d');
    await ann.page.getByRole('option', { name: ':flag-de:' }).waitFor();
    await ann.composer.pressSequentially('e');
    await ann.page.keyboard.press('Enter');
    assert.equal(await ann.composer.inputValue(), ':flag-de: ');
    await ann.button('Insert emoji').click();
    await ann.page.getByRole('textbox', { name: 'Search emoji' }).fill('flag-fr');
    await ann.picture('emoji-alias');
    await ann.page.keyboard.press('Enter');
    assert.equal((await ann.composer.inputValue()).trim(), ':flag-de: :flag-fr:');
    await ann.composer.pressSequentially(' ahoy');
    await ann.sends();
    await ann.isSent('🇩🇪 🇫🇷 ahoy');
  });

  it('is one reaction, which each takes back under the name that they used', async () => {
    const chip = (person, count) => person.post('ahoy').getByRole('button', { name: new RegExp(`^(\\+1|thumbsup): ${count}$`) });
    const message = await bob.post('ahoy').getAttribute('data-post');
    const [{ id }] = await bob.ask([{ path: '/users/me' }]);
    await ann.react('ahoy', '+1');
    await chip(ann, 1).waitFor();
    const body = { user_id: id, post_id: message, emoji_name: 'thumbsup' };
    await bob.ask([{ path: '/reactions', body }]);
    await chip(ann, 2).waitFor();
    await chip(bob, 2).waitFor();
    assert.equal(await chip(bob, 2).getAttribute('aria-pressed'), 'true');
    await bob.picture('reaction-alias');
    await bob.react('ahoy', '+1');
    await chip(ann, 1).waitFor();
    assert.equal(await chip(bob, 1).getAttribute('aria-pressed'), 'false');
    await chip(ann, 1).click();
    await chip(bob, 1).waitFor({ state: 'detached' });
  });
});
