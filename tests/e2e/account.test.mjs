/** One's own account: a picture, a new password, a second factor from end to end, and sessions. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { picture } from './files.mjs';
import { PASSWORD, Person, gather, withBrowser } from './support.mjs';
import { codeOf } from './totp.mjs';

describe('an account', () => {
  withBrowser();
  let ann, bob;
  before(async () => {
    ann = await Person.arrive('ann');
    bob = await Person.arrive('bob');
    await gather('Mirror', 'Faces', [ann, bob]);
  });
  after(() => Promise.all([ann, bob].filter(Boolean).map((person) => person.leave())));

  const settings = async (person, tab) => {
    await person.button('Your account').click();
    await person.page.getByRole('menuitem', { name: 'Settings' }).click();
    await person.page.getByRole('tab', { name: tab }).click();
    return person.page.getByRole('dialog', { name: 'Settings' });
  };

  it('has a picture that others see at once, and no more when it is removed', async () => {
    await ann.say('Look at me');
    await bob.sees('Look at me');
    const face = bob.post('Look at me').locator('.face img');
    assert.equal(await face.count(), 0);
    const dialog = await settings(ann, 'Profile');
    const [chooser] = await Promise.all([ann.page.waitForEvent('filechooser'), ann.button('Add a picture').click()]);
    await chooser.setFiles([picture('me.png', 300, 200)]);
    await dialog.getByRole('button', { name: 'Change picture' }).waitFor();
    await ann.picture('profile');
    await face.waitFor();
    await face.evaluate((image) => image.decode());
    await ann.button('Remove').click();
    await ann.button('Add a picture').waitFor();
    await face.waitFor({ state: 'detached' });
    await ann.page.keyboard.press('Escape');
  });

  it('has names that are told to others', async () => {
    await settings(ann, 'Profile');
    await ann.page.getByLabel('Position').fill('Harbour master');
    await ann.page.getByRole('tab', { name: 'Display' }).click();
    await ann.page.getByRole('tab', { name: 'Profile' }).click();
    await ann.button('Save').click();
    await ann.page.getByText('Profile saved.').waitFor();
    await ann.page.keyboard.press('Escape');
    await bob
      .post('Look at me')
      .getByRole('button', { name: `Profile of ${ann.name}` })
      .click();
    await bob.page.getByText('Harbour master').waitFor();
    await bob.page.keyboard.press('Escape');
  });

  it('changes its password, and not without the old one', async () => {
    await settings(bob, 'Security');
    await bob.page.getByLabel('Current password').fill('not it at all');
    await bob.page.getByLabel('New password').fill(`${PASSWORD} again`);
    await bob.button('Change password').click();
    await bob.page.getByRole('dialog').getByRole('alert').waitFor();
    await bob.page.getByLabel('Current password').fill(PASSWORD);
    await bob.button('Change password').click();
    await bob.page.getByText('Password changed.').waitFor();
    await bob.page.keyboard.press('Escape');
    bob.password = `${PASSWORD} again`;
  });

  it('sees its sessions, and ends another one', async () => {
    const elsewhere = await Person.arrive('bob');
    Object.assign(elsewhere, { name: bob.name, password: bob.password });
    await elsewhere.logIn();
    await elsewhere.isIn('Town Square');
    const dialog = await settings(bob, 'Sessions');
    const list = dialog.getByRole('list', { name: 'Sessions' });
    await list.getByText('This session').waitFor();
    await bob.picture('sessions');
    await list.getByRole('button', { name: /^Log out of/ }).click();
    await elsewhere.page.getByLabel('Email or username').waitFor();
    await bob.page.keyboard.press('Escape');
    await elsewhere.leave();
  });

  it('asks for a second factor once it is set up: a code, or a recovery code', async () => {
    const dialog = await settings(bob, 'Security');
    await bob.button('Set up…').click();
    const key = (await dialog.locator('code').textContent()).trim();
    await bob.page.getByLabel('Code that it shows').fill('000000');
    await bob.button('Turn on').click();
    await dialog.getByRole('alert').waitFor();
    await bob.page.getByLabel('Code that it shows').fill(codeOf(key));
    await bob.button('Turn on').click();
    const codes = (await dialog.getByRole('group', { name: 'Recovery codes' }).locator('pre').textContent()).split(
      '\n',
    );
    assert.ok(codes.length >= 8, codes.join());
    await bob.picture('recovery-codes');
    await bob.page.keyboard.press('Escape');
    const question = bob.page.getByRole('dialog', {
      name: 'Did you keep the recovery codes?',
    });
    await question.getByRole('button', { name: 'Cancel' }).click();
    await question.waitFor({ state: 'detached' });
    await bob.page.getByRole('tab', { name: 'Display' }).click();
    await bob.page.getByRole('tab', { name: 'Security' }).click();
    await bob.button('I have kept them').click();
    await bob.page.keyboard.press('Escape');
    await bob.logOut();

    await bob.logIn();
    await bob.page.getByLabel('Code from your authenticator').fill('000000');
    await bob.button('Log in').click();
    await bob.page.getByRole('alert').waitFor();
    await bob.page.getByLabel('Code from your authenticator').fill(codes[0].trim());
    await bob.button('Log in').click();
    await bob.isIn('Faces');

    await settings(bob, 'Security');
    await bob.button('Use another device…').click();
    await bob.page.getByLabel(/^Code from your authenticator/).fill('000000');
    await bob.button('Go on').click();
    await bob.page.getByRole('alert').filter({ hasText: 'code is wrong' }).waitFor();
    await bob.page.getByLabel(/^Code from your authenticator/).fill(codes[1].trim());
    await bob.button('Go on').click();
    const another = (await dialog.locator('code').textContent()).trim();
    assert.notEqual(another, key);
    await bob.page.getByLabel('Code that it shows').fill(codeOf(another));
    await bob.button('Turn on').click();
    await bob.button('I have kept them').click();
    await bob.picture('factor-on');

    await bob.button('Turn off…').click();
    const proof = bob.page.getByRole('group', {
      name: 'Show that it is you, by',
    });
    await bob.page.getByLabel(/^Code from your authenticator/).fill('000000');
    await bob.button('Turn off').click();
    await bob.page.getByRole('alert').filter({ hasText: 'code is wrong' }).waitFor();
    await bob.picture('factor-off');
    await proof.getByRole('radio', { name: 'Password' }).check();
    await bob.page.getByLabel('Current password').last().fill(bob.password);
    await bob.page.keyboard.press('Enter');
    await bob.page.getByText('Two-factor login is off.').waitFor();
  });

  it('says nothing about who exists when a password was forgotten', async () => {
    const stranger = await Person.arrive('stranger');
    await stranger.page.goto(stranger.at);
    await stranger.page.getByRole('link', { name: 'Forgot your password?' }).click();
    await stranger.page.getByLabel('Email').fill('nobody@example.com');
    await stranger.button('Send the link').click();
    await stranger.page.getByText(/If there is an account with the address nobody@example.com/).waitFor();
    await stranger.page.getByText(/This server sends no mail/).waitFor();
    await stranger.page.goto(`${stranger.at}/reset_password_complete?token=guessed`);
    await stranger.page.getByLabel('New password').fill(`${PASSWORD} new`);
    await stranger.button('Set the password').click();
    await stranger.page.getByRole('alert').waitFor();
    await stranger.leave();
  });
});
