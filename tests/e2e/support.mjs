/** What the stories in the browser share: the browser, people who use it, and pictures of what they see. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { createConnection, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { chromium } from 'playwright-core';

export const url = process.env.RUSTCHAT_URL;
if (!url) throw new Error('RUSTCHAT_URL must say where the server is: see scripts/with-server');

export const PASSWORD = 'Correct horse 7 battery';
/** How long a story waits for anything on screen. */
const PATIENCE = 10_000;
const pictures = process.env.SCREENSHOTS || join(tmpdir(), 'rustchat-screenshots');

/** Letters that no other run and no other story has used; several run against one server. */
export const unique = () => randomBytes(3).toString('hex');

let browser;

/** The first account of a server administrates it; no story may leave to chance whose that is. */
export const ROOT = 'harbour-root';

export async function settle(at = url) {
  const account = { username: ROOT, email: `${ROOT}@example.com`, password: PASSWORD };
  const answer = await fetch(`${at}/api/v4/users`, { method: 'POST', body: JSON.stringify(account) });
  assert.ok(answer.status === 201 || answer.status === 400, `the first account: ${answer.status}`);
}

/** To be called once by each story: a browser before it, none after it. */
export function withBrowser() {
  before(async () => {
    await settle();
    mkdirSync(pictures, { recursive: true });
    browser = await chromium.launch({
      executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    });
  });
  after(() => browser?.close());
}

/**
 * Somebody at a browser of their own. What a person does is named as people would name it; what is found is found as a
 * screen reader would find it, by role and name.
 */
export class Person {
  problems = [];
  password = PASSWORD;

  /** `at` is where this person finds the server; the other options are the browser's. */
  static async arrive(name, { at = url, ...options } = {}) {
    const person = new Person();
    person.at = at;
    person.name = `${name}-${unique()}`;
    person.context = await browser.newContext({
      viewport: { width: 1280, height: 800 },
      locale: 'en-GB',
      permissions: ['clipboard-read', 'clipboard-write'],
      ...options,
    });
    person.context.setDefaultTimeout(PATIENCE);
    await person.open();
    return person;
  }

  /** Whoever looks after the server. */
  static async administrator(options) {
    const person = await Person.arrive(ROOT, options);
    person.name = ROOT;
    await person.logIn();
    await person.page.getByRole('heading', { name: 'Choose a team' }).waitFor();
    return person;
  }

  /** Opens a tab. */
  async open() {
    this.page = await this.context.newPage();
    this.page.on('pageerror', (error) => this.problems.push(String(error)));
    // What the page's policy forbids is missing on the screen. Scripts that stories slip in are meant to be refused.
    this.page.on('console', (message) => {
      const said = message.text();
      if (/Content Security Policy/.test(said) && !/execut/i.test(said)) this.problems.push(said);
    });
  }

  async leave() {
    await this.context.close();
    assert.deepEqual(this.problems, [], `errors on the page of ${this.name}`);
  }

  // --- getting in

  /** A new account; through an invite link, also a membership. */
  async signUp(link) {
    if (link) await this.page.goto(link.replace(url, new URL(this.at).origin));
    else {
      await this.page.goto(this.at);
      await this.page.getByRole('link', { name: 'Create an account' }).click();
    }
    await this.page.getByLabel('Email', { exact: true }).fill(`${this.name}@example.com`);
    await this.page.getByLabel('Username').fill(this.name);
    await this.page.getByLabel('Password').fill(PASSWORD);
    await this.button('Create account').click();
  }

  async logOut() {
    await this.button('Your account').click();
    await this.page.getByRole('menuitem', { name: 'Log out' }).click();
    await this.page.getByLabel('Email or username').waitFor();
  }

  async logIn() {
    await this.page.goto(this.at);
    await this.page.getByLabel('Email or username').fill(this.name);
    await this.page.getByLabel('Password').fill(this.password);
    await this.button('Log in').click();
  }

  async createTeam(name) {
    await this.page.getByRole('link', { name: 'Create a team' }).click();
    await this.page.getByLabel('Team name').fill(name);
    await this.button('Create team').click();
    await this.isIn('Town Square');
  }

  /** The link that lets others into the team, by way of the clipboard. */
  async copyInviteLink() {
    await this.button(/^Team menu/).click();
    await this.page.getByRole('menuitem', { name: 'Invite people' }).click();
    await this.button('Copy link').click();
    await this.page.getByText('Invite link copied.').waitFor();
    const link = await this.page.evaluate(() => navigator.clipboard.readText());
    await this.page.keyboard.press('Escape');
    return link;
  }

  // --- channels

  channelLink(name) {
    return this.page.getByRole('navigation', { name: 'Channels' }).getByRole('link', { name: new RegExp(name) });
  }

  async createChannel(name) {
    await this.button('Add channels').click();
    await this.page.getByRole('menuitem', { name: 'Create a channel' }).click();
    await this.page.getByLabel('Channel name').fill(name);
    await this.button('Create channel').click();
    await this.isIn(name);
  }

  async joinChannel(name) {
    await this.button('Add channels').click();
    await this.page.getByRole('menuitem', { name: 'Browse channels' }).click();
    await this.button(`Join ${name}`).click();
    await this.isIn(name);
  }

  async go(name) {
    await this.channelLink(name).click();
    await this.isIn(name);
  }

  async isIn(name) {
    await this.page.getByRole('heading', { level: 1, name, exact: true }).waitFor();
    await this.page.getByRole('log', { name: `Messages in ${name}` }).waitFor();
  }

  async writeTo(other) {
    await this.button('New direct message').click();
    await this.page.getByRole('combobox', { name: 'Search people' }).fill(other.name);
    await this.page.getByRole('option', { name: other.name }).click();
    await this.button('Start conversation').click();
    await this.isIn(other.name);
  }

  /** Something from the menu of the channel on screen. */
  async menu(entry) {
    await this.button('Channel menu').click();
    await this.page.getByRole('menuitem', { name: entry }).click();
  }

  /** Says yes to what was asked. */
  async confirm(action) {
    await this.page.getByRole('dialog').getByRole('button', { name: action, exact: true }).click();
  }

  // --- messages

  get composer() {
    return this.page.getByRole('textbox', { name: /^Message / });
  }

  get messages() {
    return this.page.getByRole('log', { name: /^Messages in/ });
  }

  get thread() {
    return this.page.getByRole('complementary', { name: 'Thread' });
  }

  /** The message with this text, in the channel or wherever else is said. */
  post(text, where = this.messages) {
    return where.getByRole('article').filter({ hasText: text });
  }

  /** Sends a message and sees it, be it on its way or not. */
  async write(text) {
    await this.composer.fill(text);
    await this.button('Send message').click();
    await this.sees(text);
  }

  /** Sends a message, and the server has it. */
  async say(text) {
    await this.write(text);
    await this.isSent(text);
  }

  /** Says more than anybody can type: `flood 1` and so on, in the channel of this address. */
  async flood(channel, count) {
    const { id } = await this.placeOf(channel);
    const said = Array.from({ length: count }, (_, n) => ({ channel_id: id, message: `flood ${n + 1}` }));
    await this.ask(said.map((body) => ({ path: '/posts', body })));
  }

  /** Says what nobody can type, or as an integration would. */
  async put(channel, message, more = {}) {
    const { id } = await this.placeOf(channel);
    const [said] = await this.ask([{ path: '/posts', body: { channel_id: id, message, ...more } }]);
    return said;
  }

  /** A channel of the team on screen, as the server has it, by the name in its address. */
  async placeOf(channel) {
    const team = new URL(this.page.url()).pathname.split('/')[1];
    const [found] = await this.ask([{ path: `/teams/name/${team}/channels/name/${channel}` }]);
    return found;
  }

  /** Requests that the page makes, one after the other, and their answers. */
  async ask(requests) {
    return this.page.evaluate(ask, requests);
  }

  /** Puts files into the composer; they go to the server at once. */
  async attach(files) {
    const [chooser] = await Promise.all([this.page.waitForEvent('filechooser'), this.button('Attach files').click()]);
    await chooser.setFiles(files);
  }

  async sends() {
    await this.button('Send message').click();
  }

  async isSent(text, where) {
    await this.post(text, where).and(this.page.locator(':not(.sending)')).waitFor();
  }

  async sees(text, where) {
    await this.post(text, where).waitFor();
  }

  async seesNot(text, where) {
    await this.post(text, where).waitFor({ state: 'detached' });
  }

  /** Points at a message and rests there, until its tools can be pressed. */
  async pointAt(text, where) {
    const post = this.post(text, where);
    await post.hover();
    const tools = post.getByRole('toolbar');
    await tools.evaluate((bar) => Promise.all(bar.getAnimations().map(({ finished }) => finished)));
    return post;
  }

  /** Points at a message and presses one of its tools. */
  async tool(text, name, where) {
    const post = await this.pointAt(text, where);
    await post.getByRole('button', { name, exact: true }).click();
  }

  /** Something from the menu of a message. */
  async choose(text, entry) {
    await this.tool(text, 'More actions');
    await this.page.getByRole('menuitem', { name: entry }).click();
  }

  async react(text, emoji) {
    await this.tool(text, `React with ${emoji}`);
  }

  async openThread(text) {
    await this.tool(text, 'Reply');
    await this.thread.waitFor();
  }

  async reply(text) {
    await this.page.getByRole('textbox', { name: 'Reply to thread' }).fill(text);
    await this.button('Send reply').click();
    await this.isSent(text, this.thread);
  }

  // --- anything

  button(name) {
    return this.page.getByRole('button', { name, exact: typeof name === 'string' });
  }

  /** Waits until it is in view in the list of messages, as a whole. */
  async inView(locator) {
    await this.page.waitForFunction((element) => {
      const list = element.closest('[role=log]').getBoundingClientRect();
      const { top, bottom } = element.getBoundingClientRect();
      return top >= list.top && bottom <= list.bottom;
    }, await locator.elementHandle());
  }

  async picture(name) {
    await this.page.screenshot({ path: join(pictures, `${name}.png`), animations: 'disabled' });
  }
}

/** Runs in the page. */
async function ask(requests) {
  const csrf = /MMCSRF=([^;]+)/.exec(document.cookie)?.[1] ?? '';
  const headers = { 'X-CSRF-Token': csrf, 'X-Requested-With': 'XMLHttpRequest' };
  const answers = [];
  for (const { path, body, method = body ? 'POST' : 'GET' } of requests) {
    const answer = await fetch(`/api/v4${path}`, { method, headers, body: body && JSON.stringify(body) });
    if (!answer.ok) throw new Error(await answer.text());
    answers.push(await answer.json());
  }
  return answers;
}

/** A team with a channel, and people in both: where most stories begin. */
export async function gather(team, channel, people) {
  const [first, ...others] = people;
  await first.signUp();
  await first.createTeam(`${team} ${unique()}`);
  await first.createChannel(channel);
  if (!others.length) return;
  const link = await first.copyInviteLink();
  for (const other of others) {
    await other.signUp(link);
    await other.isIn('Town Square');
    await other.joinChannel(channel);
  }
}

/** A wire to the server that can be cut: what runs through it breaks off, and nothing gets through until it is mended. */
export class Wire {
  #ends = new Set();
  #whole = true;
  /** Bytes that may still go to the server before the wire breaks. */
  #left = Infinity;
  #server = createServer((near) => {
    if (!this.#whole) return near.destroy();
    const { hostname, port } = new URL(this.#far);
    const far = createConnection({ host: hostname, port });
    for (const [end, other] of [
      [near, far],
      [far, near],
    ]) {
      this.#ends.add(end);
      end.on('error', () => {});
      end.on('close', () => {
        this.#ends.delete(end);
        other.destroy();
      });
      end.pipe(other);
    }
    near.on('data', ({ length }) => {
      this.#left -= length;
      if (this.#left < 0) this.cut();
    });
  });
  #far;

  /** Between here and the server at `far`. */
  static async lay(far = url) {
    const wire = new Wire();
    wire.#far = far;
    await new Promise((resolve) => wire.#server.listen(0, '127.0.0.1', resolve));
    wire.url = `http://127.0.0.1:${wire.#server.address().port}`;
    return wire;
  }

  cut() {
    this.#whole = false;
    for (const end of this.#ends) end.destroy();
  }

  /** It will break when so many bytes have gone to the server. */
  cutAfter(bytes) {
    this.#left = bytes;
  }

  mend() {
    this.#whole = true;
    this.#left = Infinity;
  }

  remove() {
    this.cut();
    this.#server.close();
  }
}
