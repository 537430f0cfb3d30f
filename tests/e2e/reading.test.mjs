/** Much is new in a channel: one begins where one stopped, knows how much is left, and can answer from the middle. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Person, gather, withBrowser } from './support.mjs';

describe('a channel with much that is new', () => {
  withBrowser();
  let ann, bob;

  before(async () => {
    [ann, bob] = [await Person.arrive('ann'), await Person.arrive('bob')];
    await gather('Mail', 'Letters', [ann, bob]);
    await ann.say('the last one that bob knows');
    await bob.sees('the last one that bob knows');
  });
  after(() => Promise.all([ann, bob].filter(Boolean).map((person) => person.leave())));

  const button = () => bob.button(/new messages$/);
  const left = async () => parseInt(await button().innerText());
  const line = () => bob.messages.getByRole('separator', { name: 'New messages' });
  const flood = (n) => bob.messages.getByText(`flood ${n}`, { exact: true });
  const end = () => bob.messages.evaluate((list) => list.scrollTo(0, list.scrollHeight));
  const up = () => bob.messages.evaluate((list) => list.scrollBy(0, -1500));

  it('that was open before is shown from where reading stopped', async () => {
    await bob.go('Town Square');
    await ann.flood('letters', 60);
    await bob.channelLink(/Letters.*unread/).waitFor();
    await bob.go('Letters');
    await bob.inView(line());
    await bob.inView(flood(1));
    await bob.picture('unread-again');
  });

  it('says how much of it was not in view yet', async () => {
    const first = await left();
    assert.ok(first > 30 && first < 60, `${first} of 60 are not in view`);
    await bob.messages.evaluate((list) => list.scrollBy(0, 300));
    await button().filter({ hasNotText: String(first) }).waitFor();
    assert.ok((await left()) < first);
    await end();
    await bob.inView(flood(60));
    await button().waitFor({ state: 'hidden' });
    await up();
    await bob.button('Jump to the latest').waitFor();
  });

  it('is counted whole, though not all of it is loaded', async () => {
    await bob.go('Town Square');
    await ann.flood('letters', 130);
    await bob.channelLink(/Letters.*unread/).waitFor();
    await bob.page.reload();
    await bob.isIn('Town Square');
    await bob.go('Letters');
    await bob.inView(line());
    const all = await left();
    assert.ok(all > 100 && all < 130, `${all} of 130 are not in view`);
  });

  it('shows an answer from the middle of it at its end', async () => {
    assert.equal(await flood(130).count(), 0);
    await bob.composer.fill('I have seen enough');
    await bob.page.keyboard.press('Enter');
    await bob.isSent('I have seen enough');
    await bob.inView(bob.post('I have seen enough'));
    await bob.inView(flood(130));
    await bob.sees('I have seen enough');
  });

  it('shows at its end what one wrote before any of it was there', async () => {
    await bob.go('Town Square');
    await ann.flood('letters', 60);
    await bob.channelLink(/Letters.*unread/).waitFor();
    await bob.page.reload();
    await bob.isIn('Town Square');
    let goOn;
    const written = new Promise((resolve) => (goOn = resolve));
    await bob.page.route('**/posts/unread*', (route) => written.then(() => route.continue()));
    await bob.channelLink(/^Letters/).click();
    await bob.composer.fill('before anything else');
    const sent = bob.page.waitForResponse((answer) => answer.status() === 201 && answer.url().includes('/posts'));
    await bob.page.keyboard.press('Enter');
    await sent;
    goOn();
    await bob.inView(bob.post('before anything else'));
  });

  it('is new still when one comes back from a look elsewhere', async () => {
    await bob.go('Town Square');
    await ann.flood('letters', 60);
    await bob.channelLink(/Letters.*unread/).waitFor();
    await bob.go('Letters');
    await bob.inView(line());
    const all = await left();
    await bob.go('Town Square');
    await bob.go('Letters');
    await bob.inView(line());
    assert.equal(await left(), all);
  });
});
