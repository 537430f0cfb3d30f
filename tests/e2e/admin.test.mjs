/** The administration: an account is made, changed, cut off and let in again; roles, bots, the audit log. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Person, gather, unique, url, withBrowser } from './support.mjs';

describe('the administration', () => {
  withBrowser();
  let root, bob;
  before(async () => {
    root = await Person.administrator();
    bob = await Person.arrive('bob');
    await gather('Bridge', 'Watch', [bob]);
  });
  after(() => Promise.all([root, bob].filter(Boolean).map((person) => person.leave())));

  const section = async (name) => {
    await root.page
      .getByRole('navigation', { name: 'Administration' })
      .getByRole('link', { name, exact: true })
      .click();
    await root.page.getByRole('heading', { level: 1, name, exact: true }).waitFor();
  };
  const find = async (name) => {
    await section('People');
    await root.page.getByRole('searchbox', { name: 'Search people' }).fill(name);
    const row = root.page.getByRole('row').filter({ hasText: `@${name}` });
    await row.waitFor();
    return row;
  };
  const act = async (row, entry) => {
    await row.getByRole('button', { name: /^Actions for/ }).click();
    await root.page.getByRole('menuitem', { name: entry }).click();
  };

  it('is not there for everybody', async () => {
    await bob.button('Your account').click();
    await bob.page.getByRole('menuitem', { name: 'Settings' }).waitFor();
    assert.equal(await bob.page.getByRole('menuitem', { name: 'Administration' }).count(), 0);
    await bob.page.keyboard.press('Escape');
    const own = bob.page.url();
    await bob.page.goto(`${url}/admin_console/people`);
    await bob.page.getByText('There is nothing here that you may administrate.').waitFor();
    await bob.page.goto(own);
    await bob.isIn('Watch');
  });

  it('is reached from the menu', async () => {
    await root.page.goto(`${url}/admin_console`);
    await root.page.getByRole('heading', { level: 1, name: 'People' }).waitFor();
    await root.page.getByRole('table', { name: 'People' }).getByRole('row').nth(1).waitFor();
    await root.picture('admin-people');
  });

  it('makes accounts, and says which field is wrong', async () => {
    const name = `carl-${unique()}`;
    await section('People');
    await root.button('Create an account').click();
    await root.page.getByLabel('Email').fill(`${name}@example.com`);
    await root.page.getByLabel('Username').fill(bob.name);
    await root.page.getByLabel('Password').fill('Correct horse 7 battery');
    await root.button('Create the account').click();
    await root.page.getByRole('dialog').getByRole('alert').waitFor();
    await root.page.getByLabel('Username').fill(name);
    await root.button('Create the account').click();
    await root.page.getByText(`The account ${name} is made.`).waitFor();
    await find(name);
  });

  it('cuts somebody off, whose page then asks for a login that does not work', async () => {
    const row = await find(bob.name);
    await act(row, 'Deactivate');
    await root.page.getByRole('dialog').getByRole('button', { name: 'Deactivate' }).click();
    await row.getByText('Deactivated').waitFor();
    await bob.page.getByLabel('Email or username').waitFor();
    await bob.logIn();
    await bob.page.getByRole('alert').waitFor();
    await root.picture('admin-deactivated');
  });

  it('lets them in again', async () => {
    const row = await find(bob.name);
    await act(row, 'Activate');
    await root.page.getByRole('dialog').getByRole('button', { name: 'Activate' }).click();
    await row.getByText('Deactivated').waitFor({ state: 'detached' });
    await bob.logIn();
    await bob.isIn('Watch');
  });

  it('gives roles, and what they permit is offered at once', async () => {
    const row = await find(bob.name);
    await act(row, 'Change roles…');
    await root.page.getByRole('checkbox', { name: /^Administrator/ }).check();
    await root.button('Save').click();
    await row.getByText('Administrator').waitFor();
    await bob.button('Your account').click();
    await bob.page.getByRole('menuitem', { name: 'Administration' }).waitFor();
    await bob.page.keyboard.press('Escape');
    await act(row, 'Change roles…');
    await root.page.getByRole('checkbox', { name: /^Administrator/ }).uncheck();
    await root.button('Save').click();
    await row.getByText('Member').waitFor();
  });

  it('gives and takes permissions, in words', async () => {
    await section('Roles');
    const right = root.page.getByRole('checkbox', { name: 'Mention everybody' });
    await root.page.getByRole('button', { name: 'Guests in a channel' }).click();
    await right.uncheck();
    await root.button('Save').click();
    await root.page.getByText('Saved. It holds at once.').waitFor();
    await root.picture('admin-roles');
    await root.page.reload();
    await root.page.getByRole('button', { name: 'Guests in a channel' }).click();
    assert.equal(await right.isChecked(), false);
    await right.check();
    await root.button('Save').click();
    await root.page.getByText('Saved. It holds at once.').waitFor();
  });

  it('makes bots, which post with a token that is shown once', async () => {
    const name = `gull-${unique()}`;
    await section('Bots');
    await root.button('Create a bot').click();
    await root.page.getByLabel('Username').fill(name);
    await root.page.getByLabel('Name', { exact: true }).fill('Gull');
    await root.page.getByLabel('What it does').fill('Cries');
    await root.button('Create the bot').click();
    const row = root.page.getByRole('row').filter({ hasText: `@${name}` });
    await act(row, 'Tokens…');
    await root.page.getByLabel('What is it for?').fill('crying');
    await root.button('Make a token').click();
    const token = await root.page.getByRole('group', { name: 'New token: crying' }).locator('pre').textContent();
    await root.picture('admin-bot-token');
    await root.button('Close').click();
    await act(row, 'Tokens…');
    await root.page.getByRole('list', { name: `Tokens of ${name}` }).getByText('crying').waitFor();
    assert.equal(await root.page.getByText(token).count(), 0);
    await root.button('Close').click();

    await bob.button(/^Team menu/).click();
    await bob.page.getByRole('menuitem', { name: 'Invite people' }).click();
    await bob.page.getByRole('combobox', { name: 'Search people' }).fill(name);
    await bob.page.getByRole('option', { name }).click();
    await bob.button('Add to team').click();
    await bob.button('Channel menu').click();
    await bob.page.getByRole('menuitem', { name: 'Add people' }).click();
    await bob.page.getByRole('combobox', { name: 'Search people' }).fill(name);
    await bob.page.getByRole('option', { name }).click();
    await bob.page.getByRole('dialog').getByRole('button', { name: /^Add/ }).click();
    await bob.page.getByRole('dialog').waitFor({ state: 'detached' });

    const [, team] = new URL(bob.page.url()).pathname.split('/');
    const headers = { Authorization: `Bearer ${token}` };
    const channel = await fetch(`${url}/api/v4/teams/name/${team}/channels/name/watch`, { headers });
    const { id } = await channel.json();
    const posted = await fetch(`${url}/api/v4/posts`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ channel_id: id, message: 'Land in sight' }),
    });
    assert.equal(posted.status, 201);
    await bob.sees('Land in sight');
    await bob.post('Land in sight').getByText('BOT').waitFor();
    await bob.picture('bot');
  });

  it('shows who did it, and narrows what it shows', async () => {
    await section('Audit log');
    const log = root.page.getByRole('table', { name: 'Audit log' });
    await log
      .getByRole('row')
      .filter({ hasText: 'Activate or deactivate' })
      .filter({ hasText: root.name })
      .first()
      .waitFor();
    await root.picture('admin-audit');
    await root.page.getByLabel('By (username)').fill(bob.name);
    await log.getByRole('row').filter({ hasText: 'Log in' }).first().waitFor();
    await log.getByRole('row').filter({ hasText: 'Activate or deactivate' }).first().waitFor({ state: 'detached' });
    await root.page.getByLabel('By (username)').fill('nobody-of-this-name');
    await root.page.getByText('Nobody is called nobody-of-this-name.').waitFor();
  });
});
