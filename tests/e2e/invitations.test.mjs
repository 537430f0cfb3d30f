/** Invitations by mail: what became of each address is said, and the link leads a new account into the team; that of a
 * guest into some channels of it and nowhere else. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { letterTo } from './letters.mjs';
import { administer, found } from './operator.mjs';
import { PASSWORD, Person, unique, url, withBrowser } from './support.mjs';

describe('an invitation by mail', () => {
  withBrowser();
  let ann, bob, link;
  const team = `Pier ${unique()}`;
  const address = `bob-${unique()}@example.com`;
  before(async () => {
    ann = await Person.arrive('ann');
    await ann.signUp();
    await ann.createTeam(team);
  });
  after(() => Promise.all([ann, bob].filter(Boolean).map((person) => person.leave())));

  it('is sent to who is named, and says what went wrong', async () => {
    await ann.button(/^Team menu/).click();
    await ann.page.getByRole('menuitem', { name: 'Invite people' }).click();
    await ann.page.getByText(/This server sends no mail/).waitFor();
    await ann.page.getByLabel('Invite by email').fill(`Bob <${address}>, nonsense`);
    await ann.button('Send invitations').click();
    const told = ann.page.getByRole('status', { name: 'Invitations' });
    await told.getByText(`${address}: Invited.`).waitFor();
    await told.getByText('nonsense: Invalid email.').waitFor();
    assert.equal(await ann.page.getByLabel('Invite by email').inputValue(), 'nonsense');
    await ann.picture('invite-by-mail');
    await ann.page.keyboard.press('Escape');
    ({ link } = await letterTo(address));
  });

  it('leads a new account into the team', async () => {
    bob = await Person.arrive('bob');
    await bob.page.goto(`${url}${link.pathname}${link.search}`);
    await bob.page.getByRole('heading', { name: `Join ${team}` }).waitFor();
    assert.equal(await bob.page.getByLabel('Email', { exact: true }).inputValue(), address);
    await bob.page.getByLabel('Username').fill(bob.name);
    await bob.page.getByLabel('Password').fill(PASSWORD);
    await bob.button('Create account').click();
    await bob.isIn('Town Square');
    await bob.say('Thank you for the letter');
    await ann.sees('Thank you for the letter');
  });

  it('leads nowhere a second time', async () => {
    await bob.page.goto(`${url}${link.pathname}${link.search}`);
    await bob.page.getByRole('heading', { name: 'This invitation does not work' }).waitFor();
  });
});

describe('an invitation of a guest', () => {
  withBrowser();
  let head, gus;
  const address = `gus-${unique()}@example.com`;
  before(async () => {
    const at = await found(await administer(url), { name: 'Pilot House' });
    head = await Person.arrive('head', { at });
    head.name = 'head';
    await head.logIn();
    await head.createTeam('Harbour');
    await head.createChannel('Office');
    await head.say('Not for guests');
    await head.createChannel('Visitors');
  });
  after(() => Promise.all([head, gus].filter(Boolean).map((person) => person.leave())));

  it('is offered beside that of a member, and asks for channels', async () => {
    await head.button(/^Team menu/).click();
    await head.page.getByRole('menuitem', { name: 'Invite people' }).click();
    await head.page.getByLabel('Invite by email').fill(address);
    assert.equal(await head.button('Send invitations').isEnabled(), true);
    await head.page.getByRole('radio', { name: 'Members' }).press('ArrowRight');
    assert.equal(await head.page.getByRole('radio', { name: 'Guests' }).isChecked(), true);
    assert.equal(await head.button('Send invitations').isEnabled(), false);
    const channels = head.page.getByRole('group', { name: 'Channels for the guests' });
    const named = await channels.getByRole('listitem').allInnerTexts();
    assert.deepEqual(named, ['Off-Topic', 'Office', 'Town Square', 'Visitors']);
    await channels.getByRole('checkbox', { name: 'Visitors' }).check();
    await head.button('Add a message').click();
    await head.page.getByLabel('Message', { exact: true }).fill('The coffee is on us.');
    await head.picture('invite-guests');
    await head.button('Send invitations').click();
    await head.page.getByRole('status', { name: 'Invitations' }).getByText(`${address}: Invited.`).waitFor();
    await head.page.keyboard.press('Escape');
  });

  it('leads a new account into these channels alone', async () => {
    const { text, link } = await letterTo(address);
    assert.match(text, /The coffee is on us\./);
    gus = await Person.arrive('gus', { at: head.at });
    await gus.page.goto(`${url}${link.pathname}${link.search}`);
    await gus.page.getByRole('heading', { name: 'Join Harbour' }).waitFor();
    assert.equal(await gus.page.getByLabel('Email', { exact: true }).inputValue(), address);
    await gus.page.getByLabel('Username').fill(gus.name);
    await gus.page.getByLabel('Password').fill(PASSWORD);
    await gus.button('Create account').click();
    await gus.isIn('Visitors');
    const links = gus.page.getByRole('navigation', { name: 'Channels' }).getByRole('link');
    assert.deepEqual(await links.allInnerTexts(), ['Visitors']);
    assert.equal(await gus.button('Add channels').count(), 0);
    await gus.picture('guest-invited');
    await gus.say('Thank you for the coffee');
    await head.sees('Thank you for the coffee');
    await head.post('Thank you for the coffee').getByText('GUEST').waitFor();
    await gus.page.goto(`${gus.at}harbour/channels/office`);
    await gus.page
      .getByText(/does not exist|not a member|permission/i)
      .first()
      .waitFor();
    await gus.seesNot('Not for guests');
  });
});
