/** The page speaks the browser's language to strangers, and to those inside the one that their account chose. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Person, unique, withBrowser } from './support.mjs';

describe('the language', () => {
  withBrowser();
  let ann;

  before(async () => {
    ann = await Person.arrive('ann', { locale: 'de-AT' });
  });
  after(() => ann?.leave());

  const spoken = () => ann.page.locator('html').getAttribute('lang');

  it('is the browser’s for whoever comes', async () => {
    await ann.page.goto(ann.at);
    await ann.page.getByRole('heading', { name: 'Anmelden' }).waitFor();
    assert.equal(await spoken(), 'de');
  });

  it('is that of the account which was made in it', async () => {
    await ann.page.getByRole('link', { name: 'Konto erstellen' }).click();
    await ann.page.getByLabel('E-Mail').fill(`${ann.name}@example.com`);
    await ann.page.getByLabel('Benutzername').fill(ann.name);
    await ann.page.getByLabel('Passwort').fill(ann.password);
    await ann.button('Konto erstellen').click();
    await ann.page.getByRole('link', { name: 'Team erstellen' }).click();
    await ann.page.getByLabel('Name des Teams').fill(`Hafen ${unique()}`);
    await ann.button('Team erstellen').click();
    await ann.page.getByRole('log', { name: 'Nachrichten in Town Square' }).waitFor();
    const [me] = await ann.ask([{ path: '/users/me' }]);
    assert.equal(me.locale, 'de');
  });

  it('changes at once in the settings, where one is', async () => {
    await ann.button('Dein Konto').click();
    await ann.page.getByRole('menuitem', { name: 'Einstellungen' }).click();
    await ann.page.getByRole('tab', { name: 'Anzeige' }).click();
    await ann.page.getByLabel('Sprache').selectOption('English');
    await ann.page.getByText('Saved.').waitFor();
    await ann.page.getByRole('dialog', { name: 'Settings' }).getByText('Time zone').waitFor();
    assert.equal(await spoken(), 'en');
    const [me] = await ann.ask([{ path: '/users/me' }]);
    assert.equal(me.locale, 'en');
  });

  it('goes with the account, and ends with the session', async () => {
    await ann.page.reload();
    await ann.isIn('Town Square');
    await ann.button('Your account').click();
    await ann.page.getByRole('menuitem', { name: 'Log out' }).click();
    await ann.page.getByRole('heading', { name: 'Anmelden' }).waitFor();
    assert.equal(await spoken(), 'de');
  });
});
