/** The connection breaks and comes back: nothing is lost, nothing is doubled, the order stays. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Person, Wire, gather, withBrowser } from './support.mjs';

describe('after a broken connection', () => {
  withBrowser();
  let ann, bob, wire;

  before(async () => {
    wire = await Wire.lay();
    ann = await Person.arrive('ann');
    bob = await Person.arrive('bob', { at: wire.url });
    await gather('Islands', 'Ferry', [ann, bob]);
    await ann.say('before');
    await bob.sees('before');
  });
  after(async () => {
    await Promise.all([ann, bob].filter(Boolean).map((person) => person.leave()));
    wire?.remove();
  });

  it('what others wrote meanwhile appears, once and in order', async () => {
    await cut();
    for (const n of [1, 2, 3, 4, 5]) await ann.say(`missed ${n}`);
    assert.equal(await bob.post(/missed/).count(), 0);
    await mend();
    await bob.sees('missed 5');
    assert.deepEqual(await texts(bob, /missed \d/), ['missed 1', 'missed 2', 'missed 3', 'missed 4', 'missed 5']);
  });

  it('edits, deletions, replies and reactions of that time are there too', async () => {
    for (const text of ['to be edited', 'to be deleted', 'to be answered', 'to be liked']) await ann.say(text);
    await bob.sees('to be liked');
    await cut();
    await ann.choose('to be edited', 'Edit');
    await ann.page.getByRole('textbox', { name: 'Edit message' }).fill('was edited');
    await ann.button('Save').click();
    await ann.sees('was edited');
    await ann.choose('to be deleted', 'Delete');
    await ann.page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await ann.seesNot('to be deleted');
    await ann.openThread('to be answered');
    await ann.reply('the answer');
    await ann.button('Close thread').click();
    await ann.react('to be liked', '+1');
    await ann.post('to be liked').getByRole('button', { name: '+1: 1' }).waitFor();
    await mend();
    await bob.sees('was edited');
    await bob.seesNot('to be deleted');
    await bob.post('to be answered').getByRole('button', { name: /1 reply/ }).waitFor();
    await bob.post('to be liked').getByRole('button', { name: '+1: 1' }).waitFor();
  });

  it('what one wrote meanwhile is sent, once and in order', async () => {
    await cut();
    for (const n of [1, 2, 3]) await bob.write(`kept ${n}`);
    await bob.post('kept 1').getByText('Waiting for the connection').waitFor();
    await bob.picture('waiting');
    assert.equal(await ann.post(/kept/).count(), 0);
    await mend();
    await ann.sees('kept 3');
    assert.deepEqual(await texts(ann, /kept \d/), ['kept 1', 'kept 2', 'kept 3']);
    await bob.page.getByText('Waiting for the connection').first().waitFor({ state: 'detached' });
    assert.deepEqual(await texts(bob, /kept \d/), ['kept 1', 'kept 2', 'kept 3']);
  });

  it('what one wrote survives a reload without a connection', async () => {
    await cut();
    await bob.write('across the reload');
    await bob.post('across the reload').getByText('Waiting for the connection').waitFor();
    wire.mend();
    await bob.page.reload();
    await ann.sees('across the reload');
    await bob.sees('across the reload');
    assert.equal(await ann.post('across the reload').count(), 1);
    assert.equal(await bob.post('across the reload').count(), 1);
  });

  it('a channel that was opened meanwhile is there, with what one wrote in it', async () => {
    // No channel but this one is loaded then.
    await bob.page.reload();
    await bob.isIn('Ferry');
    await bob.sees('across the reload');
    await cut();
    await bob.go('Town Square');
    const trouble = bob.messages.getByRole('alert').getByRole('button', { name: 'Try again' });
    await trouble.waitFor();
    await bob.write('into the blue');
    await bob.picture('opened-without-connection');
    await mend();
    await trouble.waitFor({ state: 'detached' });
    await bob.isSent('into the blue');
    await bob.sees(`${bob.name} joined the team`);
    await bob.go('Ferry');
  });

  it('unread marks elsewhere are right as well', async () => {
    await bob.go('Off-Topic');
    await cut();
    await ann.say(`@${bob.name} where are you?`);
    await mend();
    await bob.channelLink(/Ferry.*1 mention/).waitFor();
    await bob.go('Ferry');
    await bob.sees('where are you?');
  });

  it('more messages than fit a page are not too many', async () => {
    await cut();
    await ann.flood('ferry', 70);
    await ann.sees('flood 70');
    await mend();
    await bob.sees('flood 70');
    const seen = await texts(bob, /flood \d+/);
    const last = Number(seen[0].split(' ')[1]);
    assert.deepEqual(
      seen,
      seen.map((_, n) => `flood ${last + n}`),
    );
    assert.equal(seen.at(-1), 'flood 70');
  });

  /** The wire breaks, and the page has noticed. */
  async function cut() {
    wire.cut();
    await bob.page.getByText('Connecting…').waitFor();
  }

  /** The wire is whole, and the page has noticed: it need not sit out its pause. */
  async function mend() {
    wire.mend();
    await bob.page.evaluate(() => dispatchEvent(new Event('online')));
    await bob.page.getByText('Connecting…').waitFor({ state: 'detached' });
  }

  async function texts(person, pattern) {
    const all = await person.messages.getByRole('article').filter({ hasText: pattern }).allInnerTexts();
    return all.map((text) => pattern.exec(text)[0]);
  }
});
