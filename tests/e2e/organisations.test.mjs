/** Organisations, as those see them who run the deployment, and as those do who live in one: below its path, beside another. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { picture, text } from './files.mjs';
import { Person, unique, url, withBrowser } from './support.mjs';

describe('an organisation', () => {
  withBrowser();
  let root, zoe, yan;
  const slug = `acme-${unique()}`;
  const house = `${url}/o/${slug}`;
  before(async () => {
    root = await Person.administrator();
  });
  after(() => Promise.all([root, zoe, yan].filter(Boolean).map((person) => person.leave())));

  const row = () => root.page.getByRole('table', { name: 'Organisations' }).getByRole('row').filter({ hasText: slug });
  const act = async (entry) => {
    await row()
      .getByRole('button', { name: /^Actions for/ })
      .click();
    await root.page.getByRole('menuitem', { name: entry }).click();
  };
  const agree = (action) => root.page.getByRole('dialog').getByRole('button', { name: action }).click();

  it('has settings that its administrators change', async () => {
    await root.page.goto(`${url}/admin_console/organisation`);
    const days = root.page.getByLabel('Delete messages after (days)');
    await days.fill('never');
    await root.page.getByText('A whole number of days.').waitFor();
    await days.fill('4000');
    await root.button('Save').click();
    await root.page.getByText('Settings saved.').waitFor();
    await root.picture('admin-organisation');
    await root.page.getByRole('link', { name: 'Usage' }).click();
    await root.page.getByText('Storage').waitFor();
    await root.picture('admin-usage');
  });

  it('is made by an operator', async () => {
    await root.page.getByRole('link', { name: 'Organisations', exact: true }).click();
    await root.button('Create one').click();
    await root.page.getByLabel('Name', { exact: true }).fill('Acme Works');
    await root.page.getByLabel('Short name').fill(slug);
    await root.page.getByLabel('Anybody').check();
    await root.button('Create').click();
    await row().getByText('Open').waitFor();
    await root.picture('admin-organisations');
  });

  it('is lived in below its path', async () => {
    zoe = await Person.arrive('zoe', { at: `${house}/` });
    await zoe.signUp();
    await zoe.createTeam('Forge');
    assert.equal(zoe.page.url(), `${house}/forge/channels/town-square`);
    await zoe.say('Hot iron');
    await zoe.createChannel('Anvil');
    await zoe.attach([picture('sparks.png', 60, 40), text('temper.txt', 'slowly')]);
    await zoe.page.getByRole('button', { name: 'Remove temper.txt' }).waitFor();
    await zoe.composer.fill('From the fire');
    await zoe.sends();
    await zoe.isSent('From the fire');
    const image = zoe.post('From the fire').locator('.picture img').first();
    await image.evaluate((element) => element.decode());
    assert.match(await image.getAttribute('src'), new RegExp(`/o/${slug}/api/v4/files/`));
    const [download] = await Promise.all([
      zoe.page.waitForEvent('download'),
      zoe
        .post('From the fire')
        .getByRole('link', { name: /^Download temper.txt/ })
        .click(),
    ]);
    assert.equal(download.suggestedFilename(), 'temper.txt');
    await zoe.page.reload();
    await zoe.isIn('Anvil');
    await zoe.sees('From the fire');
    await zoe.picture('organisation');
  });

  it('lets people in by links that stay within it, and tells them at once', async () => {
    const link = await zoe.copyInviteLink();
    assert.ok(link.startsWith(`${house}/signup`), link);
    yan = await Person.arrive('yan', { at: `${house}/` });
    await yan.signUp(link);
    await yan.isIn('Town Square');
    await zoe.go('Town Square');
    await zoe.say('Welcome to the forge');
    await yan.sees('Welcome to the forge');
    await zoe.choose('Welcome to the forge', 'Copy link');
    const place = await zoe.page.evaluate(() => navigator.clipboard.readText());
    assert.ok(place.startsWith(`${house}/forge/pl/`), place);
    await yan.logOut();
    await yan.page.goto(place);
    await yan.page.getByLabel('Email or username').fill(yan.name);
    await yan.page.getByLabel('Password').fill(yan.password);
    await yan.button('Log in').click();
    await yan.isIn('Town Square');
    await yan.sees('Welcome to the forge');
  });

  it('lives beside another in one browser, and neither sees, disturbs or logs out the other', async () => {
    const forge = zoe.page;
    await zoe.composer.fill('half a thought');
    await zoe.open();
    zoe.at = url;
    await zoe.page.goto(url);
    await zoe.page.getByLabel('Email or username').waitFor();
    await zoe.signUp();
    await zoe.createTeam(`Harbour ${unique()}`);
    await zoe.say('Salt water');
    const harbour = zoe.page;
    assert.equal(await harbour.getByRole('link', { name: 'Anvil' }).count(), 0);

    await forge.reload();
    zoe.page = forge;
    await zoe.isIn('Town Square');
    assert.equal(await zoe.composer.inputValue(), 'half a thought');
    assert.equal(await zoe.post('Salt water').count(), 0);
    await zoe.say('Still hot');
    await zoe.logOut();
    zoe.page = harbour;
    await zoe.page.reload();
    await zoe.sees('Salt water');
    await zoe.say('Still wet');

    // Only logged in at the root: what the browser brings along from there opens nothing here.
    await forge.goto(`${house}/forge/channels/anvil`);
    await forge.getByLabel('Email or username').fill(zoe.name);
    await forge.getByLabel('Password').fill(zoe.password);
    await forge.getByRole('button', { name: 'Log in' }).click();
    await forge.getByRole('heading', { level: 1, name: 'Anvil' }).waitFor();
    await zoe.logOut();
    await harbour.close();
    Object.assign(zoe, { page: forge, at: `${house}/` });
    await zoe.say('And still hot');
  });

  it('is closed to everybody while it is suspended, and says so', async () => {
    await act('Suspend');
    await agree('Suspend');
    await row().getByText('Suspended').waitFor();
    await zoe.page.getByText('This organization is suspended.').waitFor();
    await zoe.picture('suspended');
    await zoe.page.reload();
    await zoe.page.getByText('This organization is suspended.').waitFor();
    await zoe.picture('suspended-reload');
  });

  it('opens again with everything in it', async () => {
    await act('Resume');
    await agree('Resume');
    await row().getByText('Open').waitFor();
    await zoe.page.goto(`${house}/forge/channels/anvil`);
    await zoe.page.getByLabel('Email or username').or(zoe.page.getByRole('log')).first().waitFor();
    await zoe.sees('From the fire');
  });

  it('that does not exist says so', async () => {
    const lost = await Person.arrive('lost');
    await lost.page.goto(`${url}/o/nowhere-${unique()}/`);
    await lost.page.getByText('There is no organization at this address.').waitFor();
    await lost.picture('no-organisation');
    await lost.leave();
  });

  it('is deleted only by whoever types its name', async () => {
    await act('Delete…');
    const button = root.button('Delete everything');
    assert.ok(await button.isDisabled());
    await root.page.getByRole('dialog').getByRole('textbox').fill(slug);
    await button.click();
    await row().waitFor({ state: 'detached' });
  });
});
