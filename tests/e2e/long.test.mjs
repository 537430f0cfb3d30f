/** Words as long as they may be stay in their place, in every view; on a phone, where there is least of it, as well. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { administer } from './operator.mjs';
import { PASSWORD, Person, gather, unique, url, withBrowser } from './support.mjs';

const long = (count, letter = 'W') => letter.repeat(count);

describe('long words', () => {
  withBrowser();
  let ann, team, channel;
  const stranger = `${long(55, 'z')}${unique()}`;
  before(async () => {
    ann = await Person.arrive('ann');
    await gather('Words', 'Shelf', [ann]);
    const asRoot = await administer(url);
    team = (await ann.placeOf('shelf')).team_id;
    const [me] = await ann.ask([{ path: '/users/me' }]);
    const account = { username: stranger, email: `${unique()}@example.com`, password: PASSWORD, nickname: long(64) };
    const { id } = await asRoot('POST', '/users', account);
    await asRoot('POST', `/teams/${team}/members`, { team_id: team, user_id: id });
    const about = { team_id: team, name: `l${unique()}`, display_name: long(64), type: 'O', purpose: long(250) };
    channel = await asRoot('POST', '/channels', { ...about, header: long(500) });
    for (const user_id of [me.id, id]) await asRoot('POST', `/channels/${channel.id}/members`, { user_id });
    await ann.page.setViewportSize({ width: 390, height: 780 });
  });
  after(() => ann?.leave());

  /** Nothing is to be scrolled sideways, but what says so by itself: code, tables, tabs. */
  async function staysIn(name) {
    await ann.picture(`long-${name}`);
    const found = await ann.page.evaluate(() => {
      const wide = document.documentElement.clientWidth;
      const all = [...document.querySelectorAll('body *')].filter((one) => !one.closest('pre, table, [role=tablist], .side'));
      return all
        .filter((one) => one.checkVisibility() && one.scrollWidth > one.clientWidth + 4 && one.clientWidth > 40)
        .filter((one) => !/hidden|clip/.test(getComputedStyle(one).overflowX) || one.getBoundingClientRect().right > wide + 1)
        .filter((one) => getComputedStyle(one).display !== 'inline' && !one.matches('.gutter, textarea'))
        .map((one) => `${one.tagName}.${one.className}: ${one.scrollWidth} in ${one.clientWidth}`);
    });
    assert.deepEqual(found, [], name);
  }

  it('stay in a channel and its list', async () => {
    const [name] = new URL(ann.page.url()).pathname.split('/').slice(1);
    await ann.page.goto(`${url}/${name}/channels/${channel.name}`);
    await ann.page.getByText('This is the beginning').waitFor();
    await staysIn('channel');
    await ann.button(/^Open the channel list/).click();
    const lists = ann.page.getByRole('navigation', { name: 'Channels' }).locator('.lists');
    assert.ok(await lists.evaluate((one) => one.scrollWidth <= one.clientWidth));
    await ann.picture('long-sidebar');
    await ann.channelLink('WWW').click();
  });

  it('stay in what is asked', async () => {
    await ann.menu('Leave channel');
    await ann.page.getByRole('dialog').waitFor();
    await staysIn('dialog');
    await ann.page.keyboard.press('Escape');
    await ann.menu('Notifications');
    await ann.page.getByRole('combobox', { name: 'Notify me of' }).waitFor();
    await staysIn('notifications');
    await ann.page.keyboard.press('Escape');
  });

  it('stay in lists of people', async () => {
    await ann.button('Members').click();
    await ann.page.getByText(`@${stranger}`).waitFor();
    await staysIn('members');
    // Where there is little height, too, all of what opens is reached.
    await ann.page.setViewportSize({ width: 390, height: 320 });
    await ann.page.getByText(`@${stranger}`).click();
    await ann.page.getByRole('dialog').getByRole('button', { name: 'Message' }).click({ trial: true });
    await ann.page.keyboard.press('Escape');
    await ann.page.setViewportSize({ width: 390, height: 780 });
    await ann.button('Close members').click();
    await ann.composer.pressSequentially('@zz');
    await ann.page.getByRole('option', { name: stranger }).waitFor();
    await staysIn('completion');
    await ann.composer.fill('');
    await ann.page.keyboard.press('Control+k');
    await ann.page.getByRole('combobox').fill('zzz');
    await ann.page.getByRole('option', { name: stranger }).waitFor();
    await staysIn('switcher');
    await ann.page.keyboard.press('Escape');
  });

  it('stay in the choice of teams', async () => {
    await ann.ask([{ path: `/teams/${team}/patch`, method: 'PUT', body: { display_name: long(64) } }]);
    await ann.page.goto(`${url}/select-team`);
    await ann.page.getByRole('link', { name: 'WWW' }).waitFor();
    await staysIn('teams');
  });

  it('and what arrow keys reach in a list is in view', async () => {
    await ann.page.goBack();
    await ann.composer.waitFor();
    await ann.composer.pressSequentially(':sm');
    const options = ann.page.getByRole('option');
    await options.nth(7).waitFor();
    const list = ann.page.getByRole('listbox', { name: 'Suggestions' });
    await list.evaluate((one) => (one.style.maxHeight = '120px'));
    for (let n = 0; n < 7; n++) await ann.page.keyboard.press('ArrowDown');
    const [box, last] = [await list.boundingBox(), await options.nth(7).boundingBox()];
    assert.ok(last.y + last.height <= box.y + box.height + 1, 'the last one is in view');
    await ann.composer.fill('');
  });
});
