/** What one does with a channel: who is told of it, muting, leaving, archiving. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Person, gather, withBrowser } from './support.mjs';

describe('a channel', () => {
  withBrowser();
  let ann, bob;

  before(async () => {
    ann = await Person.arrive('ann');
    bob = await Person.arrive('bob');
    await gather('Quay', 'Boats', [ann, bob]);
  });
  after(() => Promise.all([ann, bob].filter(Boolean).map((person) => person.leave())));

  it('is not left for the profile of somebody who is named in it', async () => {
    await ann.say(`@${bob.name} has the oars`);
    await ann
      .post('has the oars')
      .getByRole('link', { name: `@${bob.name}` })
      .click();
    const card = ann.page.getByRole('dialog', { name: `Profile of ${bob.name}` });
    await card.waitFor();
    await ann.picture('mention-card');
    await ann.isIn('Boats');
    await ann.page.keyboard.press('Escape');
    await card.waitFor({ state: 'detached' });
  });

  it('tells who named somebody that is not in it, and lets them in', async () => {
    await ann.createChannel('Slipway');
    await ann.say(`@${ann.name} and @${bob.name}.`);
    await ann.page.getByText(`@${bob.name} is not in this channel, and was not told.`).waitFor();
    await ann.picture('outsider');
    await ann.button('Add').click();
    await bob.channelLink('Slipway').waitFor();
    await ann.page.getByText('is not in this channel').waitFor({ state: 'detached' });
    await ann.say(`@${bob.name} again`);
    // By the notice that brought them in, and by name.
    await bob.channelLink(/Slipway.*2 mentions/).waitFor();
    assert.equal(await ann.page.getByText('is not in this channel').count(), 0);
  });

  it('that one muted is quiet, but for those who are named', async () => {
    await bob.go('Boats');
    await bob.menu(/^Mute/);
    await bob.go('Off-Topic');
    await bob.channelLink(/Boats.*muted/).waitFor();
    await ann.go('Boats');
    await ann.say('a quiet word');
    // In another channel, so that it is known when the first has come.
    await ann.go('Off-Topic');
    await ann.say('and a loud one');
    await bob.sees('and a loud one');
    assert.equal(await bob.channelLink(/Boats.*unread/).count(), 0);
    await ann.go('Boats');
    await ann.say(`@${bob.name} steers`);
    await bob.channelLink(/Boats.*muted, 1 mention/).waitFor();
    await bob.go('Boats');
    await bob.menu('Unmute');
    await bob.channelLink(/Boats.*muted/).waitFor({ state: 'detached' });
  });

  it('that one left stays left when one goes back, until one says otherwise', async () => {
    await bob.go('Off-Topic');
    await bob.go('Boats');
    await bob.menu('Leave channel');
    await bob.confirm('Leave channel');
    await bob.isIn('Town Square');
    assert.equal(await bob.page.getByText('no longer a member').count(), 0);
    await bob.page.reload();
    await bob.isIn('Town Square');
    await bob.page.goBack();
    await bob.isIn('Off-Topic');
    await bob.page.goBack();
    await bob.page.getByText('You are not in Boats any more.').waitFor();
    assert.equal(await bob.channelLink('Boats').count(), 0);
    await bob.button('Join Boats').click();
    await bob.isIn('Boats');
    await bob.channelLink('Boats').waitFor();
  });

  it('that was archived comes back when an administrator of the team says so', async () => {
    await ann.go('Boats');
    await ann.menu('Archive channel');
    await ann.page.getByText('You can bring it back').waitFor();
    await ann.confirm('Archive channel');
    await bob.page.getByText('Boats was archived.').waitFor();
    await bob.isIn('Town Square');
    await ann.isIn('Town Square');
    await ann.button('Add channels').click();
    await ann.page.getByRole('menuitem', { name: 'Browse channels' }).click();
    await ann.button('Archived channels').click();
    await ann.button('Restore Boats').waitFor();
    await ann.picture('archived-channels');
    await ann.button('Restore Boats').click();
    await ann.page.getByText('Boats is back.').waitFor();
    await ann.page.keyboard.press('Escape');
    await ann.go('Boats');
    await ann.sees('has the oars');
    await bob.go('Boats');
  });
});
