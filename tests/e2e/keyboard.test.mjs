/** Everything can be done without a mouse, and everything has a name for those who cannot see it. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Person, gather, unique, url, withBrowser } from './support.mjs';

describe('with the keyboard', () => {
  withBrowser();
  let ann, keys;

  before(async () => {
    ann = await Person.arrive('ann');
    keys = ann.page.keyboard;
  });
  after(() => ann?.leave());

  it('one signs up and creates a team', async () => {
    await ann.page.goto(url);
    await ann.page.getByLabel('Email or username').waitFor();
    await allNamed();
    await tabTo('link', 'Create an account');
    await keys.press('Enter');
    await ann.page.getByLabel('Username').waitFor();
    await allNamed();
    await tabTo('textbox', 'Email');
    await keys.type(`${ann.name}@example.com`);
    await keys.press('Tab');
    await keys.type(ann.name);
    await keys.press('Tab');
    await keys.type('Correct horse 7 battery');
    await keys.press('Enter');
    await ann.page.getByRole('link', { name: 'Create a team' }).waitFor();
    await allNamed();
    await tabTo('link', 'Create a team');
    await keys.press('Enter');
    await tabTo('textbox', 'Team name');
    await keys.type(`Typists ${unique()}`);
    await keys.press('Enter');
    await ann.isIn('Town Square');
  });

  it('the message box has the focus, Enter sends, Shift+Enter breaks the line', async () => {
    await keys.type('one line');
    await keys.press('Enter');
    await ann.isSent('one line');
    await keys.type('first');
    await keys.press('Shift+Enter');
    await keys.type('second');
    assert.equal(await ann.composer.inputValue(), 'first\nsecond');
    await keys.press('Enter');
    await ann.sees('second');
    assert.match(await ann.post('second').innerText(), /first\n+second/);
    assert.equal(await ann.composer.inputValue(), '');
    await keys.press('Enter');
    assert.equal(await ann.messages.getByRole('article').filter({ hasNotText: 'joined' }).count(), 2);
  });

  it('Ctrl+B makes bold what is selected, and takes it back', async () => {
    await keys.type('loud');
    await keys.press('Control+a');
    await keys.press('Control+b');
    assert.equal(await ann.composer.inputValue(), '**loud**');
    await keys.press('Control+b');
    assert.equal(await ann.composer.inputValue(), 'loud');
    await keys.press('Control+a');
    await keys.press('Delete');
  });

  it('Up edits the last message, Escape leaves it as it was', async () => {
    const box = ann.page.getByRole('textbox', { name: 'Edit message' });
    await keys.press('ArrowUp');
    await box.waitFor();
    await keys.press('Escape');
    await box.waitFor({ state: 'detached' });
    await ann.sees('second');
    await keys.press('ArrowUp');
    await box.waitFor();
    await keys.type(' thought');
    await keys.press('Enter');
    await ann.sees('second thought');
    await box.waitFor({ state: 'detached' });
    await keys.type('the focus came back');
    assert.equal(await ann.composer.inputValue(), 'the focus came back');
    await keys.press('Enter');
    await ann.sees('the focus came back');
  });

  it('arrows walk through the messages, Tab reaches their tools', async () => {
    await tabTo('log', 'Messages in Town Square');
    await keys.press('ArrowUp');
    await keys.press('ArrowUp');
    assert.match(await focused((element) => element.innerText), /second thought/);
    await tabTo('button', 'React with +1');
    await keys.press('Enter');
    await ann.post('second thought').getByRole('button', { name: '+1: 1' }).waitFor();
    assert.match(await focused((element) => element.getAttribute('aria-label')), /React with/);
    await keys.press('End');
    await keys.press('ArrowLeft');
    assert.equal(await focused((element) => element.getAttribute('aria-label')), 'Reply');
    await keys.press('Enter');
    await ann.thread.waitFor();
    await keys.type('in the thread');
    await keys.press('Enter');
    await ann.isSent('in the thread', ann.thread);
    await allNamed();
    await ann.picture('keyboard-thread');
  });

  it('Escape closes the thread, and the message box has the focus again', async () => {
    await keys.press('Escape');
    await ann.thread.waitFor({ state: 'detached' });
    await keys.type('out of the thread');
    await keys.press('Enter');
    await ann.sees('out of the thread');
  });

  it('the first stop leads straight to the message box', async () => {
    await ann.page.reload();
    await ann.isIn('Town Square');
    await tabTo('link', 'Skip to the message box');
    await keys.press('Enter');
    assert.match(await focused((element) => element.getAttribute('aria-label')), /^Message /);
  });

  it('Tab goes through the page as it is read, and shows where it is', async () => {
    await tabTo('link', 'Skip to the message box');
    const stops = [];
    for (let n = 0; n < 40 && !stops.at(-1)?.startsWith('Message ~'); n++) {
      await keys.press('Tab');
      stops.push(await focused((element) => element.getAttribute('aria-label') || element.innerText.trim()));
      assert.ok(await focused(shown), `no mark where the focus is: ${stops.at(-1)}`);
    }
    const order = [/^Typists/, /^Team menu/, /^Jump to/, /^Add channels/, /^Town Square/, /^Members/, /^Search messages/, /^Messages in/, /^Message ~/];
    const places = order.map((pattern) => stops.findIndex((stop) => pattern.test(stop)));
    assert.ok(!places.includes(-1), `not reached: ${order[places.indexOf(-1)]} in ${stops.join(' | ')}`);
    assert.deepEqual(places, [...places].sort((a, b) => a - b), stops.join(' | '));
  });

  it('Ctrl+K jumps to a channel', async () => {
    await keys.press('Control+k');
    await ann.page.getByRole('combobox', { name: 'Jump to a channel or person' }).waitFor();
    await allNamed();
    await keys.type('off');
    await ann.page.getByRole('option', { name: /Off-Topic/, selected: true }).waitFor();
    await keys.press('Enter');
    await ann.isIn('Off-Topic');
  });

  it('menus open, are walked through and closed, and give the focus back', async () => {
    await tabTo('button', 'Add channels');
    await keys.press('Enter');
    await ann.page.getByRole('menuitem', { name: 'Create a channel' }).waitFor();
    await keys.press('ArrowDown');
    assert.match(await focused((element) => element.innerText), /Browse channels/);
    await keys.press('Escape');
    await ann.page.getByRole('menu').waitFor({ state: 'detached' });
    assert.equal(await focused((element) => element.getAttribute('aria-label')), 'Add channels');
    await keys.press('Enter');
    await ann.page.getByRole('menuitem', { name: 'Create a channel' }).waitFor();
    await keys.press('Enter');
    await ann.page.getByLabel('Channel name').waitFor();
    await allNamed();
    await keys.type('Typing');
    await keys.press('Enter');
    await ann.isIn('Typing');
  });

  it('Escape closes what is beside the channel from where opening it has led', async () => {
    await ann.menu('Copy link');
    await ann.page.getByText('Link copied.').waitFor();
    const members = ann.page.getByRole('complementary', { name: 'Members' });
    await ann.button('Members').focus();
    await keys.press('Enter');
    await members.and(ann.page.locator(':focus')).waitFor();
    await keys.press('Escape');
    await members.waitFor({ state: 'detached' });
    await ann.page.getByRole('searchbox').fill('nothing');
    await keys.press('Enter');
    const results = ann.page.getByRole('complementary', { name: 'Search results' });
    await results.and(ann.page.locator(':focus')).waitFor();
    await ann.page.getByRole('searchbox').focus();
    await keys.press('Escape');
    await results.waitFor({ state: 'detached' });
  });

  it('the focus stays near what had it and went away', async () => {
    await ann.button('Members').focus();
    await keys.press('Enter');
    await tabTo('button', 'Close members');
    await keys.press('Enter');
    await ann.button('Members').and(ann.page.locator(':focus')).waitFor();
    await ann.say('in vain');
    await ann.choose('in vain', 'Delete');
    await keys.press('Enter');
    await ann.seesNot('in vain');
    assert.equal(await focused((element) => element.getAttribute('role')), 'log');
  });

  it('the page has its landmarks, one heading, and names for everything', async () => {
    assert.equal(await ann.page.getByRole('main').count(), 1);
    for (const name of ['Teams', 'Channels']) {
      assert.equal(await ann.page.getByRole('navigation', { name, exact: true }).count(), 1);
    }
    assert.equal(await ann.page.getByRole('search').count(), 1);
    assert.equal(await ann.page.getByRole('heading', { level: 1 }).count(), 1);
    assert.equal(await ann.page.locator('html').getAttribute('lang'), 'en');
    assert.match(await ann.page.title(), /Typing/);
    await allNamed();
    await ann.button('Members').click();
    await ann.page.getByRole('complementary', { name: 'Members' }).waitFor();
    await allNamed();
    for (const [opener, entry] of [
      [/^Team menu/, 'Invite people'],
      ['Your account', 'Settings'],
      ['Your account', 'Keyboard shortcuts'],
    ]) {
      await ann.button(opener).click();
      await ann.page.getByRole('menuitem', { name: entry }).click();
      await ann.page.getByRole('dialog').waitFor();
      await allNamed();
      await keys.press('Escape');
      await ann.page.getByRole('dialog').waitFor({ state: 'detached' });
    }
  });

  /** Presses Tab until this has the focus. */
  async function tabTo(role, name) {
    const passed = [];
    for (let n = 0; n < 60; n++) {
      await keys.press('Tab');
      if (await ann.page.getByRole(role, { name, exact: true }).and(ann.page.locator(':focus')).count()) return;
      passed.push(await focused((element) => element.getAttribute('aria-label') || element.innerText || element.tagName));
    }
    assert.fail(`Tab does not reach ${role} “${name}”, but ${passed.join(' | ')}`);
  }

  /** Asks whatever has the focus; past the last stop it is the page as a whole. */
  async function focused(ask) {
    const element = await ann.page.evaluateHandle(() => document.activeElement);
    return element.evaluate(ask);
  }

  /** Whether the focus can be seen: an outline or a shadow on the element, or on what holds it. */
  function shown(element) {
    const marked = (at) => {
      const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(at);
      return (outlineStyle !== 'none' && parseFloat(outlineWidth) > 0) || boxShadow !== 'none';
    };
    return marked(element) || marked(element.parentElement) || marked(element.parentElement.parentElement);
  }

  /** Asks the browser itself what it tells a screen reader. */
  async function allNamed() {
    const session = await ann.context.newCDPSession(ann.page);
    const { nodes } = await session.send('Accessibility.getFullAXTree');
    await session.detach();
    const roles = /^(button|link|textbox|searchbox|combobox|listbox|option|menu|menuitem|menuitemradio|tab|checkbox|radio|image|dialog|log|navigation|complementary|article|heading)$/;
    const parts = nodes.filter(({ ignored, role }) => !ignored && roles.test(role?.value));
    assert.ok(parts.length > 1);
    const nameless = parts.filter(({ name }) => !name?.value?.trim()).map(({ role }) => role.value);
    assert.deepEqual(nameless, []);
  }
});
