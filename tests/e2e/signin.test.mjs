/** The ways in that a deployment may have besides a password: single sign-on, a second factor that is demanded, who may sign up. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { letterTo } from './letters.mjs';
import { administer, found } from './operator.mjs';
import { CLIENT, Provider } from './provider.mjs';
import { Server } from './server.mjs';
import { PASSWORD, Person, settle, unique, url, withBrowser } from './support.mjs';
import { codeOf } from './totp.mjs';

describe('single sign-on', () => {
  withBrowser();
  let provider, server, ann;
  before(async () => {
    provider = await Provider.start({
      Ann: { sub: '1', email: 'ann@example.com', email_verified: true, preferred_username: 'ann', given_name: 'Ann' },
      Gus: { sub: '3', email: 'gus@example.com', email_verified: true, preferred_username: 'gus', given_name: 'Gus' },
      Root: { sub: '2', email: 'harbour-root@example.com', email_verified: true, preferred_username: 'root' },
    });
    const settings = { OPENID__ISSUER: provider.issuer, OPENID__BUTTON_TEXT: 'Log in with Harbour ID', ...CLIENT };
    server = await Server.with(settings);
    await administer(server.url);
    ann = await Person.arrive('ann', { at: server.url });
  });
  after(async () => {
    await ann?.leave();
    await server?.remove();
    provider?.stop();
  });

  it('leads to the provider and back to where one wanted to go', async () => {
    await ann.page.goto(`${server.url}/select-team`);
    await ann.page.getByRole('link', { name: 'Log in with Harbour ID' }).waitFor();
    await ann.picture('openid-button');
    await ann.page.getByRole('link', { name: 'Log in with Harbour ID' }).click();
    await ann.page.getByRole('link', { name: 'Continue as Ann' }).click();
    await ann.page.getByRole('heading', { name: 'Choose a team' }).waitFor();
    assert.equal(ann.page.url(), `${server.url}/select-team`);
    ann.name = 'ann';
    await ann.createTeam(`Quay ${unique()}`);
    await ann.say('Signed on');
    await ann.logOut();
    await ann.page.getByRole('link', { name: 'Log in with Harbour ID' }).click();
    await ann.page.getByRole('link', { name: 'Continue as Ann' }).click();
    await ann.sees('Signed on');
  });

  it('takes an invitation along, and is the way into an account for whoever has one', async () => {
    const asRoot = await administer(server.url);
    await asRoot('PUT', '/organizations/current/patch', { sign_up_policy: 'invitation' });
    const team = await asRoot('POST', '/teams', { name: 'jetty', display_name: 'Jetty', type: 'O' });
    const { id: channel } = await asRoot('GET', `/teams/${team.id}/channels/name/off-topic`);
    const body = { emails: ['gus@example.com'], channels: [channel], message: '' };
    await asRoot('POST', `/teams/${team.id}/invite-guests/email`, body);
    const { link } = await letterTo('gus@example.com', join(server.dir, 'data/mail'));
    const gus = await Person.arrive('gus', { at: server.url });
    await gus.page.goto(`${server.url}${link.pathname}${link.search}`);
    await gus.page.getByRole('heading', { name: 'Join Jetty' }).waitFor();
    await gus.picture('openid-invited');
    // By way of the login page, too.
    await gus.page.getByRole('link', { name: 'Log in instead' }).click();
    await gus.page.getByRole('heading', { name: 'Log in' }).waitFor();
    await gus.page.getByRole('link', { name: 'Log in with Harbour ID' }).click();
    await gus.page.getByRole('link', { name: 'Continue as Gus' }).click();
    await gus.isIn('Off-Topic');
    const links = gus.page.getByRole('navigation', { name: 'Channels' }).getByRole('link');
    assert.deepEqual(await links.allInnerTexts(), ['Off-Topic']);
    await gus.leave();
    // Whoever has an account comes into the team with it.
    await asRoot('POST', `/teams/${team.id}/invite/email`, ['ann@example.com']);
    const second = await letterTo('ann@example.com', join(server.dir, 'data/mail'));
    await ann.logOut();
    await ann.page.goto(`${server.url}${second.link.pathname}${second.link.search}`);
    await ann.page.getByRole('link', { name: 'Log in with Harbour ID' }).click();
    await ann.page.getByRole('link', { name: 'Continue as Ann' }).click();
    await ann.isIn('Town Square');
    assert.match(ann.page.url(), /\/jetty\//);
  });

  it('tells whoever comes back without being let in, and leads them to the login', async () => {
    const other = await Person.arrive('other', { at: server.url });
    for (const [link, why] of [
      ['No, thank you', /did not let you in/],
      ['Continue as Root', /email|account/i],
    ]) {
      await other.page.goto(server.url);
      await other.page.getByRole('link', { name: 'Log in with Harbour ID' }).click();
      await other.page.getByRole('link', { name: link }).click();
      await other.page.getByRole('heading', { name: 'Not signed in' }).waitFor();
      await other.page.getByText(why).first().waitFor();
      await other.picture(`openid-${link.split(' ')[0].toLowerCase().replace(',', '')}`);
      await other.page.getByRole('link', { name: 'Back to the login page' }).click();
      await other.page.getByLabel('Email or username').waitFor();
    }
    await other.leave();
  });
});

describe('a second factor that is demanded', () => {
  withBrowser();
  let server, bob;
  before(async () => {
    server = await Server.with({ AUTH__ENFORCE_SECOND_FACTOR: 'true' });
    await settle(server.url);
    bob = await Person.arrive('bob', { at: server.url });
  });
  after(async () => {
    await bob?.leave();
    await server?.remove();
  });

  let codes;
  it('is set up before anything else, and its recovery codes are shown once', async () => {
    await bob.signUp();
    await bob.page.getByRole('heading', { name: 'Secure your account' }).waitFor();
    await bob.picture('factor-setup');
    const key = (await bob.page.locator('code').textContent()).trim();
    await bob.page.getByLabel('Code that it shows').fill('000000');
    await bob.button('Turn on').click();
    await bob.page.getByRole('alert').waitFor();
    // Nothing leads past it.
    await bob.page.goto(`${server.url}/select-team`);
    const again = bob.page.locator('code');
    await again.waitFor();
    const fresh = (await again.textContent()).trim();
    assert.notEqual(fresh, key);
    await bob.page.getByLabel('Code that it shows').fill(codeOf(fresh));
    await bob.button('Turn on').click();
    const shown = bob.page.getByRole('group', { name: 'Recovery codes' }).locator('pre');
    codes = (await shown.textContent()).split('\n');
    await bob.picture('factor-codes');
    await bob.button('I have kept them').click();
    await bob.page.getByRole('heading', { name: 'Choose a team' }).waitFor();
    await bob.createTeam(`Vault ${unique()}`);
    await bob.say('Safe');
    await bob.page.reload();
    await bob.sees('Safe');
    assert.equal(await bob.page.getByText(codes[0]).count(), 0);
  });

  it('is asked for at the next login', async () => {
    await bob.logOut();
    await bob.logIn();
    await bob.page.getByLabel('Code from your authenticator').fill(codes[0]);
    await bob.picture('factor-login');
    await bob.button('Log in').click();
    await bob.sees('Safe');
  });
});

describe('an account', () => {
  withBrowser();
  let carl, asRoot;
  before(async () => {
    asRoot = await administer(url);
    carl = await Person.arrive('carl');
    await carl.signUp();
    await carl.createTeam(`Pier ${unique()}`);
  });
  after(() => carl?.leave());

  it('whose session is over comes back to the draft and to what could not be sent', async () => {
    await carl.composer.fill('half a thought');
    await carl.context.clearCookies();
    await carl.button('Send message').click();
    await carl.page.getByText('Your session has ended.').waitFor();
    await carl.picture('session-ended');
    await carl.page.getByLabel('Email or username').fill(carl.name);
    await carl.page.getByLabel('Password').fill(carl.password);
    await carl.button('Log in').click();
    await carl.isIn('Town Square');
    await carl.isSent('half a thought');
    await carl.composer.fill('another half');
    const me = await carl.page.evaluate(() => /MMUSERID=([a-z0-9]+)/.exec(document.cookie)[1]);
    await asRoot('POST', `/users/${me}/sessions/revoke/all`);
    await carl.page.getByText('Your session has ended.').waitFor();
    await carl.page.reload();
    await carl.page.getByLabel('Email or username').fill(carl.name);
    await carl.page.getByLabel('Password').fill(carl.password);
    await carl.button('Log in').click();
    await carl.isIn('Town Square');
    assert.equal(await carl.composer.inputValue(), 'another half');
  });

  it('whose session ends while it begins is not disturbed in the next one', async () => {
    let release;
    const held = new Promise((done) => (release = done));
    const late = (route) => held.then(() => route.abort());
    await carl.page.route('**/api/v4/users/me/teams', late, { times: 1 });
    const asked = carl.page.waitForRequest('**/api/v4/users/me/teams');
    await carl.page.reload();
    await asked;
    const me = await carl.page.evaluate(() => /MMUSERID=([a-z0-9]+)/.exec(document.cookie)[1]);
    await asRoot('POST', `/users/${me}/sessions/revoke/all`);
    await carl.page.getByLabel('Email or username').fill(carl.name);
    await carl.page.getByLabel('Password').fill(carl.password);
    await carl.button('Log in').click();
    await carl.isIn('Town Square');
    const failed = carl.page.waitForEvent('requestfailed');
    release();
    await failed;
    await carl.say('Undisturbed');
  });

  it('that is deactivated is told so, and only when the password is right', async () => {
    const me = await carl.page.evaluate(() => /MMUSERID=([a-z0-9]+)/.exec(document.cookie)[1]);
    await asRoot('PUT', `/users/${me}/active`, { active: false });
    await carl.page.getByLabel('Email or username').waitFor();
    carl.password = 'not the password 1';
    await carl.logIn();
    await carl.page
      .getByRole('alert')
      .getByText(/valid email or username/)
      .waitFor();
    carl.password = PASSWORD;
    await carl.logIn();
    await carl.page
      .getByRole('alert')
      .getByText(/deactivated/)
      .waitFor();
    await carl.picture('deactivated');
  });
});

describe('signing up', () => {
  withBrowser();
  let asRoot, dora;
  const organise = async (policy, more) => {
    dora.at = await found(asRoot, { name: `The ${policy} house`, sign_up_policy: policy, ...more });
    return dora.at;
  };
  before(async () => {
    asRoot = await administer(url);
    dora = await Person.arrive('dora');
  });
  after(() => dora?.leave());

  it('is closed, and says who makes accounts', async () => {
    const at = await organise('closed');
    await dora.page.goto(at);
    await dora.page.getByText('Accounts are made by the administrators of The closed house.').waitFor();
    await dora.picture('signup-closed-login');
    await dora.page.goto(`${at}signup`);
    await dora.page.getByText('Accounts are made by the administrators of The closed house.').waitFor();
    await dora.picture('signup-closed');
    await dora.page.getByRole('link', { name: 'Log in' }).click();
    await dora.page.getByLabel('Email or username').waitFor();
  });

  it('asks for an invitation, and says where to get one', async () => {
    const at = await organise('invitation');
    await dora.page.goto(at);
    await dora.page.getByText('Ask somebody of The invitation house for an invitation.').waitFor();
    await dora.page.goto(`${at}signup`);
    await dora.page.getByText(/You need an invitation/).waitFor();
    await dora.picture('signup-invitation');
    await dora.page.goto(`${at}signup?iid=longsincewithdrawn`);
    await dora.page.getByRole('heading', { name: 'This invitation does not work' }).waitFor();
    await dora.picture('signup-stale');
  });

  it('names the domains whose addresses are taken', async () => {
    const at = await organise('domain', { email_domains: ['harbour.example', 'pier.example'] });
    await dora.page.goto(`${at}signup`);
    await dora.page.getByText('An address at harbour.example or pier.example.').waitFor();
    await dora.picture('signup-domain');
    await dora.signUp();
    const field = dora.page.getByLabel('Email', { exact: true });
    await dora.page
      .getByRole('alert')
      .getByText(/harbour.example or pier.example/)
      .waitFor();
    assert.equal(await field.getAttribute('aria-invalid'), 'true');
    await field.and(dora.page.locator(':focus')).waitFor();
    await dora.picture('signup-domain-refused');
    await field.fill(`${dora.name}@pier.example`);
    await dora.button('Create account').click();
    // The address counts when it is proven.
    await dora.page.getByText(`${dora.name}@pier.example`).waitFor();
    await dora.picture('signup-domain-waits');
  });
});
