/** The first account of a server that strangers can reach: it takes the setup secret, which a link brings along. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Server } from './server.mjs';
import { PASSWORD, Person, withBrowser } from './support.mjs';

const SECRET = 'a-secret-for-the-first-account';
/** As if others knew it under this name. */
const EXPOSED = { SITE__URL: 'http://chat.example.org', AUTH__SETUP_SECRET: SECRET };

describe('the first account', () => {
  withBrowser();
  let server, ann;
  before(async () => {
    server = await Server.with(EXPOSED);
    ann = await Person.arrive('ann', { at: server.url });
  });
  after(async () => {
    await ann?.leave();
    await server?.remove();
  });

  const fillIn = async () => {
    await ann.page.getByLabel('Email').fill('ann@example.com');
    await ann.page.getByLabel('Username').fill('ann');
    await ann.page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  };
  const send = () => ann.page.getByRole('button', { name: 'Create account' }).click();

  it('is refused without the secret, which is asked for then', async () => {
    await ann.page.goto(`${server.url}/signup`);
    await fillIn();
    assert.equal(await ann.page.getByLabel('Setup secret').count(), 0);
    await send();
    await ann.page.getByText('The first account needs it.').waitFor();
    await ann.page.getByLabel('Setup secret').fill('a guess');
    await send();
    await ann.page.getByText('This is not the setup secret.').waitFor();
    await ann.picture('setup-secret');
  });

  it('is made with the link that the log tells', async () => {
    const [, link] = server.log().match(/http:\/\/chat\.example\.org(\/signup#setup=[\w-]+)/);
    // The form is open already, with a guess in it: only what stands behind the `#` is another then.
    await ann.page.goto(`${server.url}${link}`);
    await ann.page.getByText('This is not the setup secret.').waitFor({ state: 'detached' });
    assert.equal(await ann.page.getByLabel('Setup secret').inputValue(), SECRET);
    await send();
    await ann.page.getByRole('heading', { name: /team/i }).first().waitFor();
    const me = await ann.page.evaluate(() => fetch('/api/v4/users/me').then((answer) => answer.json()));
    assert.match(me.roles, /system_admin/);
  });
});
