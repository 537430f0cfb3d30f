/** Invitations by mail: what became of each address is said, and the link leads a new account into the team. */
import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { PASSWORD, Person, unique, url, withBrowser } from './support.mjs';

/** The link in the invitation to an address, when it has arrived. */
async function linkTo(address) {
  for (let n = 0; n < 100; n++) {
    for (const name of await readdir(process.env.RUSTCHAT_MAIL).catch(() => [])) {
      const letter = await readFile(join(process.env.RUSTCHAT_MAIL, name), 'utf8');
      // Quoted-printable: a line that ends with an equals sign goes on.
      const text = letter.replace(/=\r?\n/g, '').replaceAll('=3D', '=');
      if (!text.includes(`To: ${address}`)) continue;
      const link = /https?:\S+\/signup_user_complete\?\S+/.exec(text)?.[0];
      if (link) return new URL(link);
    }
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error(`no invitation to ${address}`);
}

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
    await ann.page.getByLabel('Invite by email').fill(`Bob <${address}>, nonsense`);
    await ann.button('Send invitations').click();
    const told = ann.page.getByRole('status', { name: 'Invitations' });
    await told.getByText(`${address}: Invited.`).waitFor();
    await told.getByText('nonsense: Invalid email.').waitFor();
    assert.equal(await ann.page.getByLabel('Invite by email').inputValue(), 'nonsense');
    await ann.picture('invite-by-mail');
    await ann.page.keyboard.press('Escape');
    link = await linkTo(address);
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
