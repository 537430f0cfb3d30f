/** Light and dark, wide and narrow: everything can be read, and nothing sticks out. */
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { administer } from './operator.mjs';
import { PASSWORD, Person, gather, unique, url, withBrowser } from './support.mjs';

const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 };
const WIDE = { viewport: { width: 1400, height: 900 } };

const MESSAGES = [
  'Some **bold**, some _italic_, some `code`, and a [link](https://example.com)',
  `An address without an end: https://example.com/${'very-long-'.repeat(30)}`,
  'W'.repeat(400),
  `\`\`\`\nlet line = "${'code '.repeat(60)}";\n\`\`\``,
  `| ${'column | '.repeat(20)}\n| ${'--- | '.repeat(20)}\n| ${'value | '.repeat(20)}`,
  '> A quote\n\n1. one\n2. two\n\n- [x] done\n- [ ] to do',
];

describe('the looks', () => {
  withBrowser();
  const people = [];
  after(() => Promise.all(people.map((person) => person.leave())));

  for (const [size, form] of Object.entries({ wide: WIDE, phone: PHONE })) {
    for (const colorScheme of ['light', 'dark']) {
      it(`are right in ${colorScheme}, ${size}`, async () => {
        const person = await Person.arrive(colorScheme, { ...form, colorScheme });
        people.push(person);
        const look = async (name) => {
          await fits(person, name);
          await readable(person, name);
          await person.picture(`${size}-${colorScheme}-${name}`);
        };
        await person.page.goto(url);
        await person.page.getByLabel('Email or username').waitFor();
        await look('login');
        await person.signUp();
        await person.page.getByRole('link', { name: 'Create a team' }).waitFor();
        await look('teams');
        await person.createTeam(`A team with a name too long for narrow screens ${unique()}`);
        await look('first-sight');
        const title = person.page.getByRole('heading', { level: 1, name: 'Town Square' });
        assert.ok(await title.evaluate(({ scrollWidth, clientWidth }) => scrollWidth <= clientWidth), 'the whole name');
        for (const message of MESSAGES) {
          await person.composer.fill(message);
          await person.button('Send message').click();
        }
        await person.sees('to do');
        await look('messages');
        if (size === 'phone') {
          await person.button(/^Open the channel list/).click();
          await person.channelLink('Off-Topic').waitFor();
          await look('channels');
          await person.go('Off-Topic');
          await person.channelLink('Off-Topic').waitFor({ state: 'hidden' });
        } else await person.go('Off-Topic');
        await person.say('To be discussed');
        if (size === 'phone') await person.messages.getByText('To be discussed').tap();
        await person.openThread('To be discussed');
        await person.reply('At length');
        await look('thread');
        await person.button('Close thread').click();
        if (size === 'phone') await person.button(/^Open the channel list/).click();
        await person.button('Your account').click();
        await person.page.getByRole('menuitem', { name: 'Settings' }).click();
        for (const tab of ['Profile', 'Security', 'Sessions', 'Notifications']) {
          await person.page.getByRole('tab', { name: tab }).click();
          if (tab === 'Sessions') await person.page.getByText('This session').waitFor();
          await look(`settings-${tab.toLowerCase()}`);
        }
        await person.page.keyboard.press('Escape');
        const background = await person.page.evaluate(() => getComputedStyle(document.body).backgroundColor);
        const bright =
          Math.max(
            ...background
              .match(/[\d.]+/g)
              .slice(0, 3)
              .map(Number),
          ) > 128;
        assert.equal(bright, colorScheme === 'light');
      });
    }
  }

  for (const [size, form] of Object.entries({ wide: WIDE, phone: PHONE })) {
    for (const colorScheme of ['light', 'dark']) {
      it(`are right in the administration, in ${colorScheme}, ${size}`, async () => {
        const root = await Person.administrator({ ...form, colorScheme });
        people.push(root);
        const long = await withLongNames();
        await root.page.goto(`${url}/admin_console`);
        const parts = root.page.getByRole('navigation', { name: 'Administration' }).getByRole('link');
        const sections = ['People', 'Organisation', 'Roles', 'Schemes', 'Bots', 'Access tokens', 'Audit log', 'Usage'];
        for (const name of [...sections, 'Organisations']) {
          await parts.getByText(name, { exact: true }).click();
          await root.page.getByRole('heading', { level: 1, name, exact: true }).waitFor();
          await root.page.getByText('Looking…').waitFor({ state: 'detached' });
          if (name === 'People') await isLegible(root, long);
          await fits(root, name);
          await readable(root, name);
          await root.picture(`${size}-${colorScheme}-admin-${name.toLowerCase().replace(' ', '-')}`);
        }
      });
    }
  }

  it('follow the choice in the settings, and keep it', async () => {
    const person = await Person.arrive('chooser', { colorScheme: 'light' });
    people.push(person);
    await gather('Painters', 'Palette', [person]);
    const background = () => person.page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const light = await background();
    await person.button('Your account').click();
    await person.page.getByRole('menuitem', { name: 'Settings' }).click();
    await person.page.getByRole('tab', { name: 'Display' }).click();
    await person.picture('settings');
    await person.page.getByRole('radio', { name: 'Dark' }).check();
    await person.page.keyboard.press('Escape');
    const dark = await background();
    assert.notEqual(dark, light);
    await person.page.reload();
    await person.isIn('Palette');
    assert.equal(await background(), dark);
  });

  /** An account of which everything is long. */
  async function withLongNames() {
    const username = `a-name-that-goes-on-and-on-${unique()}`;
    const email = `${'long-'.repeat(9)}${unique()}@mail.a-rather-long-host-name.example.com`;
    const account = {
      username,
      email,
      password: PASSWORD,
      first_name: 'Wolfeschlegelsteinhausen',
      last_name: 'Bergerdorff',
    };
    await (
      await administer(url)
    )('POST', '/users', account);
    return username;
  }

  /** Both the name and the address of somebody in the list can be read, however long they are. */
  async function isLegible(person, username) {
    await person.page.getByRole('searchbox', { name: 'Search people' }).fill(username);
    const row = person.page.getByRole('row').filter({ hasText: `@${username}` });
    for (const text of [row.getByText(`@${username}`), row.getByText('@mail.a-rather-long')]) {
      const { x, width } = await text.boundingBox();
      assert.ok(width >= 140 && x >= 0 && x + width <= person.page.viewportSize().width, `${x} ${width}`);
    }
  }

  /** Nothing scrolls sideways but what is meant to, and the message box is in view. */
  async function fits(person, name) {
    const found = await person.page.evaluate(() => {
      const { scrollWidth, clientWidth } = document.documentElement;
      const log = document.querySelector('[role=log]');
      const box = document.querySelector('[data-composer]')?.getBoundingClientRect();
      return {
        page: scrollWidth - clientWidth,
        log: log ? log.scrollWidth - log.clientWidth : 0,
        tables: [...document.querySelectorAll('table[aria-label]')].filter(
          ({ parentElement: { scrollWidth, clientWidth } }) => scrollWidth > clientWidth,
        ).length,
        below: box ? Math.max(0, box.bottom - innerHeight) : 0,
        aside: box ? Math.max(0, box.right - innerWidth) : 0,
      };
    });
    assert.deepEqual(found, { page: 0, log: 0, tables: 0, below: 0, aside: 0 }, name);
  }

  /** The contrast of all text in view, by the formula of WCAG 2: 4.5 to 1, or 3 to 1 for large letters. */
  async function readable(person, name) {
    const found = await person.page.evaluate(() => {
      const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
      const rgba = (colour) => {
        canvas.clearRect(0, 0, 1, 1);
        canvas.fillStyle = colour;
        canvas.fillRect(0, 0, 1, 1);
        const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
        return [r, g, b, a / 255];
      };
      const over = (top, under) => [0, 1, 2].map((n) => top[n] * top[3] + under[n] * (1 - top[3]));
      const behind = (element) => {
        if (!element) return [255, 255, 255];
        const colour = rgba(getComputedStyle(element).backgroundColor);
        return colour[3] === 1 ? colour.slice(0, 3) : over(colour, behind(element.parentElement));
      };
      const light = (colour) => {
        const [r, g, b] = colour.map((value) => {
          const share = value / 255;
          return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
      };
      const poor = [];
      const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      for (let node = texts.nextNode(); node; node = texts.nextNode()) {
        const element = node.parentElement;
        const text = node.textContent.trim();
        if (!text || !element.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
        if (element.closest('.sr-only, .skip, :disabled, noscript, script, style')) continue;
        const style = getComputedStyle(element);
        const ground = behind(element);
        const ink = over(rgba(style.color), ground);
        const [high, low] = [light(ink), light(ground)].sort((a, b) => b - a);
        const ratio = (high + 0.05) / (low + 0.05);
        const large =
          parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.6 && style.fontWeight >= 700);
        if (ratio < (large ? 3 : 4.5))
          poor.push(`${ratio.toFixed(2)} “${text.slice(0, 40)}”: ${ink.map(Math.round)} on ${ground.map(Math.round)}`);
      }
      return poor;
    });
    assert.deepEqual(found, [], name);
  }
});
