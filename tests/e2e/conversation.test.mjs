/** Two people meet and talk: from the sign-up to edits, reactions, threads and unread marks. */
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { Person, unique, url, withBrowser } from './support.mjs';

describe('a conversation', () => {
  withBrowser();
  let ann, bob, link;
  const team = `Harbour ${unique()}`;
  const people = () => [ann, bob].filter(Boolean);
  after(() => Promise.all(people().map((person) => person.leave())));

  it('begins with a sign-up, a team and a channel', async () => {
    ann = await Person.arrive('ann');
    await ann.page.goto(url);
    await ann.page.getByLabel('Email or username').waitFor();
    await ann.picture('login');
    await ann.signUp();
    await ann.page.getByRole('link', { name: 'Create a team' }).waitFor();
    await ann.picture('choose-team');
    await ann.createTeam(team);
    await ann.picture('new-team');
    await ann.createChannel('Launch');
    assert.match(ann.page.url(), /\/harbour-[0-9a-f]+\/channels\/launch$/);
    await ann.channelLink('Launch').waitFor();
  });

  it('is joined by a second person through the invite link', async () => {
    link = await ann.copyInviteLink();
    assert.ok(link.startsWith(url), link);
    bob = await Person.arrive('bob');
    await bob.page.goto(link);
    await bob.page.getByRole('heading', { name: `Join ${team}` }).waitFor();
    await bob.signUp(link);
    await bob.isIn('Town Square');
    await bob.joinChannel('Launch');
  });

  it('goes both ways, at once', async () => {
    await ann.say('Hello Bob, can you hear me?');
    await bob.sees('Hello Bob, can you hear me?');
    await bob.say('Loud and clear.');
    await ann.sees('Loud and clear.');
    assert.equal(await ann.post('Loud and clear.').count(), 1);
    assert.equal(await bob.post('Loud and clear.').count(), 1);
  });

  it('is fast', async (t) => {
    const times = [];
    for (let n = 1; n <= 15; n++) {
      const [from, to] = n % 2 ? [ann, bob] : [bob, ann];
      times.push(await timeOf(from, to, `round ${n} of ${unique()}`));
    }
    times.sort((a, b) => a - b);
    const p50 = times[Math.floor(times.length / 2)];
    t.diagnostic(`from the click to the other's screen: p50 ${p50.toFixed(1)} ms, most ${times.at(-1).toFixed(1)} ms`);
    assert.ok(p50 < 1000, `half of the messages took longer than ${p50} ms`);
  });

  it('has a day line, and one head for messages in a row', async () => {
    await bob.messages.getByRole('separator', { name: 'Today' }).waitFor();
    assert.equal(await bob.messages.getByRole('separator', { name: 'Today' }).count(), 1);
    await bob.say('I listen');
    await ann.sees('I listen');
    await ann.say('And one more thing:');
    await ann.say('bring the charts');
    const head = (text) => bob.post(text).getByRole('button', { name: ann.name, exact: true });
    await bob.sees('bring the charts');
    assert.equal(await head('And one more thing:').count(), 1);
    assert.equal(await head('bring the charts').count(), 0);
  });

  it('leaves the links of a message in reach, below its tools too', async () => {
    const address = `https://example.com/${'charts/'.repeat(40)}`;
    await ann.say('here:');
    await ann.say(address);
    const link = ann.messages.getByRole('link', { name: address });
    await ann.pointAt(address);
    const { width } = await link.boundingBox();
    await link.click({ position: { x: width - 100, y: 3 }, trial: true });
  });

  it('marks what is unread, and counts mentions', async () => {
    await bob.go('Town Square');
    await ann.say('Just so you know');
    await bob.channelLink(/Launch.*unread/).waitFor();
    await ann.say(`@${bob.name} are you there?`);
    await bob.channelLink(/Launch.*1 mention/).waitFor();
    await bob.picture('mention');
    await bob.page.waitForFunction(() => document.title.startsWith('(1)'));
    await bob.go('Launch');
    await bob.messages.getByRole('separator', { name: 'New messages' }).waitFor();
    await bob.sees('are you there?');
    await bob.channelLink(/Launch$/).waitFor();
    await bob.page.reload();
    await bob.isIn('Launch');
    await bob.channelLink(/Launch$/).waitFor();
  });

  it('goes on in a thread beside the channel', async () => {
    await ann.say('Which day suits you?');
    await bob.openThread('Which day suits you?');
    await bob.reply('Friday');
    await ann.post('Which day suits you?').getByRole('button', { name: /1 reply/ }).click();
    await ann.sees('Friday', ann.thread);
    await ann.reply('Friday it is');
    await bob.sees('Friday it is', bob.thread);
    await bob.post('Which day suits you?').getByRole('button', { name: /2 replies/ }).waitFor();
    await bob.picture('thread');
    await bob.button('Close thread').click();
    await bob.thread.waitFor({ state: 'detached' });
    await ann.button('Close thread').click();
  });

  it('can be corrected', async () => {
    await ann.say('We meet at the pear');
    await bob.sees('We meet at the pear');
    await ann.choose('We meet at the pear', 'Edit');
    await ann.page.getByRole('textbox', { name: 'Edit message' }).fill('We meet at the pier');
    await ann.button('Save').click();
    await bob.sees('We meet at the pier');
    await bob.post('We meet at the pier').getByText('(edited)').waitFor();
    assert.equal(await bob.post('We meet at the pear').count(), 0);
  });

  it('can be taken back', async () => {
    await ann.say('Forget this');
    await bob.sees('Forget this');
    await ann.choose('Forget this', 'Delete');
    await ann.page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await bob.seesNot('Forget this');
    await ann.seesNot('Forget this');
  });

  it('is answered with a reaction', async () => {
    await ann.say('Cake for everyone');
    await bob.sees('Cake for everyone');
    await bob.react('Cake for everyone', '+1');
    const chip = (person, count) => person.post('Cake for everyone').getByRole('button', { name: `+1: ${count}` });
    await chip(ann, 1).waitFor();
    await chip(ann, 1).click();
    await chip(bob, 2).waitFor();
    await chip(bob, 2).click();
    await chip(ann, 1).waitFor();
    await ann.picture('reaction');
  });

  it('continues between two, in private', async () => {
    await ann.writeTo(bob);
    await ann.say('Between us');
    await bob.channelLink(new RegExp(`${ann.name}.*1 mention`)).click();
    await bob.sees('Between us');
    await bob.say('I tell nobody');
    await ann.sees('I tell nobody');
  });

  it('is still there after logging out and in again', async () => {
    await ann.go('Launch');
    await ann.button('Your account').click();
    await ann.page.getByRole('menuitem', { name: 'Log out' }).click();
    await ann.page.getByLabel('Email or username').waitFor();
    await ann.logIn();
    await ann.go('Launch');
    await ann.sees('We meet at the pier');
  });

  /** From the click on one screen to the first frame with the message on the other; both clocks are this machine's. */
  async function timeOf(from, to, text) {
    await from.composer.fill(text);
    await to.page.evaluate((wanted) => {
      const log = document.querySelector('[role=log]');
      window.seen = new Promise((resolve) => {
        const observer = new MutationObserver(() => {
          if (!log.textContent.includes(wanted)) return;
          observer.disconnect();
          requestAnimationFrame(() => resolve(performance.timeOrigin + performance.now()));
        });
        observer.observe(log, { subtree: true, childList: true, characterData: true });
      });
    }, text);
    const clicked = await from.page.evaluate(() => {
      const at = performance.timeOrigin + performance.now();
      document.querySelector('button[aria-label="Send message"]').click();
      return at;
    });
    return (await to.page.evaluate(() => window.seen)) - clicked;
  }
});
