/** Guests, roles and schemes: what somebody may is what they are offered, at once and in every browser. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { administer, found } from './operator.mjs';
import { Person, gather, unique, url, withBrowser } from './support.mjs';

describe('what one may', () => {
  withBrowser();
  let head, ann, gus, dan, team;
  before(async () => {
    // Roles are changed: an organisation of their own, so that no other story notices.
    const at = await found(await administer(url), { name: 'Quay House' });
    [ann, gus, dan] = await Promise.all(['ann', 'gus', 'dan'].map((name) => Person.arrive(name, { at })));
    team = `Yard ${unique()}`;
    await gather(team, 'Gate', [ann, gus]);
    await ann.createChannel('Office');
    await dan.signUp();
    await dan.page.getByRole('heading', { name: 'Choose a team' }).waitFor();
    head = await Person.arrive('head', { at });
    head.name = 'head';
    await head.logIn();
    await head.page.getByRole('heading', { name: 'Choose a team' }).waitFor();
  });
  after(() => Promise.all([head, ann, gus, dan].filter(Boolean).map((person) => person.leave())));

  const section = async (name) => {
    await head.page.goto(`${head.at}admin_console/${name.toLowerCase()}`);
    await head.page.getByRole('heading', { level: 1, name, exact: true }).waitFor();
  };
  const row = (person) => head.page.getByRole('row').filter({ hasText: `@${person.name}` });
  const makes = async (person, what) => {
    await section('People');
    await row(person)
      .getByRole('button', { name: /^Actions for/ })
      .click();
    await head.page.getByRole('menuitem', { name: what }).click();
    await head.page.getByRole('dialog').getByRole('button', { name: what }).click();
    await head.page.getByText(/is a (guest|member) now\./).waitFor();
  };
  /** What the menu behind a button offers, when it is opened. */
  const offered = async (person, button) => {
    await person.button(button).click();
    const entries = await person.page.getByRole('menuitem').allInnerTexts();
    await person.page.keyboard.press('Escape');
    return entries.map((text) => text.trim());
  };
  const finds = async (person, other) => {
    await person.button('New direct message').click();
    await person.page.getByRole('combobox', { name: 'Search people' }).fill(other.name);
    const option = person.page.getByRole('option', { name: other.name });
    const nobody = person.page.getByText('Nobody was found');
    await option.or(nobody).first().waitFor();
    const isFound = (await option.count()) > 0;
    await person.page.keyboard.press('Escape');
    await person.page.keyboard.press('Escape');
    await person.page.getByRole('dialog').waitFor({ state: 'detached' });
    return isFound;
  };

  it('grows less for a guest: only their channels and people, and no buttons for the rest', async () => {
    await gus.say('Still a member');
    assert.equal(await finds(gus, dan), true);
    assert.deepEqual(await offered(gus, 'Add channels'), ['Create a channel', 'Browse channels']);
    await makes(gus, 'Make a guest');
    await row(gus).getByRole('cell', { name: 'Guest', exact: true }).waitFor();
    await head.picture('admin-guest');

    await gus.button('Add channels').waitFor({ state: 'detached' });
    await gus.channelLink('Gate').waitFor();
    assert.deepEqual(await offered(gus, /^Team menu/), ['Leave this team']);
    assert.equal(await gus.page.getByRole('link', { name: 'Join or create a team' }).count(), 0);
    await gus.button('Members').click();
    const members = gus.page.getByRole('list', { name: 'Members' });
    await members.getByText(`@${ann.name}`).waitFor();
    assert.equal(await gus.button('Add people').count(), 0);
    await gus.button('Close members').click();
    assert.equal(await finds(gus, dan), false);
    assert.equal(await finds(gus, ann), true);
    await gus.picture('guest');

    await gus.page.goto(`${gus.page.url().split('/channels/')[0]}/channels/office`);
    await gus.page
      .getByText(/does not exist|not a member|permission/i)
      .first()
      .waitFor();
    await gus.picture('guest-elsewhere');
    await gus.go('Gate');
  });

  it('is seen by others: a guest is marked as one', async () => {
    await ann.go('Gate');
    await gus.say('From outside');
    await ann.sees('From outside');
    // The name stands above the first of the messages in a row.
    await ann.post('Still a member').getByText('GUEST').waitFor();
    await ann.button('Members').click();
    const members = ann.page.getByRole('list', { name: 'Members' });
    await members.getByRole('listitem').filter({ hasText: gus.name }).getByText('GUEST').waitFor();
    await ann.picture('guest-seen');
    await ann.button('Close members').click();
  });

  it('is nothing yet for a guest in no channel, and something as soon as somebody adds them', async () => {
    await makes(dan, 'Make a guest');
    // Guests come in by those who may invite guests, as administrators may.
    await head.page.goto(head.at);
    await head.createTeam(`Annex ${unique()}`);
    await head.createChannel('Shed');
    await head.button(/^Team menu/).click();
    await head.page.getByRole('menuitem', { name: 'Invite people' }).click();
    const found = head.page.getByRole('combobox', { name: 'Search people' });
    await found.fill(dan.name);
    await head.page.getByRole('option', { name: dan.name }).click();
    await head.button('Add to team').click();
    await head.page.getByText(/^Added to/).waitFor();
    await dan.page.goto(dan.at);
    await dan.page.getByText('You are in no channel of this team yet.').waitFor();
    await dan.picture('guest-nowhere');
    await head.page.keyboard.press('Escape');
    await head.menu('Add people');
    await found.fill(dan.name);
    await head.page.getByRole('option', { name: dan.name }).click();
    await head.page.getByRole('dialog').getByRole('button', { name: /^Add/ }).click();
    await dan.isIn('Shed');
    await dan.say('Let in');
    await head.sees('Let in');
  });

  it('comes back when they are a member again', async () => {
    await makes(gus, 'Make a member');
    await gus.button('Add channels').waitFor();
    assert.deepEqual(await offered(gus, 'Add channels'), ['Create a channel', 'Browse channels']);
    await gus.joinChannel('Office');
    await gus.say('Inside again');
    await ann.go('Office');
    await ann.sees('Inside again');
    assert.equal(await ann.post('Inside again').getByText('GUEST').count(), 0);
  });

  it('follows the roles, at once', async () => {
    await section('Roles');
    await head.page.getByRole('button', { name: 'Members of a team' }).click();
    for (const right of ['Create public channels', 'Create private channels'])
      await head.page.getByRole('checkbox', { name: right }).uncheck();
    await head.button('Save').click();
    await head.page.getByText('Saved. It holds at once.').waitFor();
    await gus.button('Add channels').click();
    await gus.page.getByRole('menuitem', { name: 'Create a channel' }).waitFor({ state: 'detached' });
    await gus.page.getByRole('menuitem', { name: 'Browse channels' }).click();
    await gus.page.getByRole('dialog').getByText('Office').waitFor();
    assert.equal(await gus.button('Create a new channel').count(), 0);
    await gus.page.keyboard.press('Escape');
    await head.page.getByRole('checkbox', { name: 'Create private channels' }).check();
    await head.button('Save').click();
    await gus.button('Add channels').click();
    await gus.page.getByRole('menuitem', { name: 'Create a channel' }).click();
    await gus.page.getByRole('radio', { name: 'Private' }).waitFor();
    assert.equal(await gus.page.getByRole('radio', { name: 'Public' }).count(), 0);
    await gus.page.keyboard.press('Escape');
  });

  it('follows the scheme of the team, at once', async () => {
    await section('Schemes');
    await head.page.getByLabel('Name of a new scheme').fill('Read only');
    await head.button('Create a scheme').click();
    const choice = head.page.getByLabel('Add a team');
    const option = choice.getByRole('option', { name: team });
    await option.waitFor({ state: 'attached' });
    await choice.selectOption(await option.getAttribute('value'));
    await head.button('Add').click();
    await head.page.getByRole('list', { name: 'Teams with this scheme' }).getByText(team).waitFor();
    await head.page.getByLabel('What may be done by').selectOption({ label: 'Members of its channels' });
    await head.page.getByRole('checkbox', { name: 'Write messages' }).uncheck();
    await head.button('Save').click();
    await head.picture('admin-scheme');
    await gus.page.getByText('You can read here, but not write.').waitFor();
    await gus.picture('read-only');
    await head.button(new RegExp(`^Take the scheme from ${team}`)).click();
    await gus.composer.waitFor();
    await gus.say('And now again');
  });
});
