/** What is gone, unknown, empty or only shown: at the corners of what people write, the page says what is so. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { administer } from './operator.mjs';
import { PASSWORD, Person, gather, unique, url, withBrowser } from './support.mjs';

describe('at the corners', () => {
  withBrowser();
  let ann, bob;
  const stranger = `stranger-${unique()}`;
  before(async () => {
    ann = await Person.arrive('ann');
    bob = await Person.arrive('bob');
    await gather('Corners', 'Attic', [ann, bob]);
    const asRoot = await administer(url);
    const account = { username: stranger, email: `${stranger}@example.com`, password: PASSWORD };
    await asRoot('POST', '/users', account);
  });
  after(() => Promise.all([ann, bob].filter(Boolean).map((person) => person.leave())));

  it('what is deleted is not unread any more', async () => {
    await bob.go('Town Square');
    const kept = await ann.put('attic', `first @${bob.name}`);
    const gone = await ann.put('attic', `second @${bob.name}`);
    await bob.channelLink(/Attic.*2 mentions/).waitFor();
    await ann.ask([{ path: `/posts/${gone.id}`, method: 'DELETE' }]);
    await bob.channelLink(/Attic.*1 mention/).waitFor();
    await ann.ask([{ path: `/posts/${kept.id}`, method: 'DELETE' }]);
    await bob.channelLink(/Attic$/).waitFor();
    await bob.page.reload();
    await bob.isIn('Town Square');
    await bob.channelLink(/Attic$/).waitFor();
  });

  it('somebody is named whom the page has not met', async () => {
    await ann.put('attic', `ask @${stranger}. or @${stranger}x please`);
    await bob.go('Attic');
    const names = bob.post('please').locator('a.mention');
    await names.first().waitFor();
    assert.deepEqual(await names.allInnerTexts(), [`@${stranger}`]);
    await names.first().click();
    await bob.page.getByRole('dialog').getByText(`@${stranger}`).waitFor();
    await bob.page.keyboard.press('Escape');
  });

  it('a definition of a link names nobody', async () => {
    await ann.put('attic', `[@${bob.name}]: https://x.example/defined`);
    await bob.sees('defined');
    await bob.say('read');
    assert.equal(await bob.post('defined').locator('.mention').count(), 0);
  });

  it('a message without text can be seen and pointed at', async () => {
    await ann.say('above what is empty');
    const { id } = await ann.put('attic', '', { props: { attachments: [{ color: 'good' }] } });
    const empty = bob.messages.locator(`[data-post="${id}"]`);
    await empty.getByText('(no text)').waitFor();
    assert.ok((await empty.boundingBox()).height > 16);
    await bob.picture('no-text');
    await bob.react('(no text)', '+1');
    await ann.post('(no text)').getByRole('button', { name: '+1: 1' }).waitFor();
  });

  it('nothing is offered in a fence', async () => {
    const offers = ann.page.getByRole('listbox', { name: 'Suggestions' });
    await ann.composer.fill('```\n');
    await ann.composer.press('End');
    await ann.composer.pressSequentially(`@${bob.name.slice(0, 3)} ~town :smil`);
    await ann.composer.press('Control+Home');
    assert.equal(await offers.count(), 0);
    await ann.composer.fill('');
    await ann.composer.pressSequentially(`@${bob.name.slice(0, 3)}`);
    await offers.waitFor();
    await ann.composer.fill('');
  });

  it('nothing is offered for what was sent meanwhile', async () => {
    let go;
    const sent = new Promise((resolve) => (go = resolve));
    await ann.page.route('**/users/autocomplete*', (route) => sent.then(() => route.continue()));
    const answered = ann.page.waitForResponse('**/users/autocomplete*');
    await ann.composer.pressSequentially(`soon gone @${bob.name.slice(0, 1)}`);
    await ann.page.keyboard.press('Enter');
    await ann.isSent('soon gone');
    go();
    await answered;
    await ann.page.unroute('**/users/autocomplete*');
    await ann.ask([{ path: '/system/ping' }]);
    assert.equal(await ann.page.getByRole('listbox', { name: 'Suggestions' }).count(), 0);
  });
});
