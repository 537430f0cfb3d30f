/**
 * What a long channel costs the browser: it is scrolled through from its end to its beginning, with messages sent before
 * and after. `make bench-web`; `MESSAGES` says how many there are (100,000), `STEP` how many pixels a frame (800), `SECONDS`
 * how long at most (300).
 *
 * The server is real, but for the history: that is made up here, so that a channel of any length is there at once.
 * Printed are, in milliseconds, the times from frame to frame, and what the page's main thread works for a frame (by its own
 * clock: who else uses the machine does not count); the memory of the script after a collection, and elements in the page.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { picture } from './files.mjs';
import { Person, gather, withBrowser } from './support.mjs';

const MESSAGES = Number(process.env.MESSAGES ?? 100_000);
const STEP = Number(process.env.STEP ?? 800);
const SECONDS = Number(process.env.SECONDS ?? 300);
const MINUTE = 60_000;
const TEXTS = [
  'Morning!',
  'The tide turns at four, so we should be out of the harbour by three at the latest.',
  'See https://example.org/tides and **tell me** what you think :tada:',
  'Yes',
  '```rust\nfn main() {\n    println!("ahoy");\n}\n```',
  'Who has the lamp?',
  '- rope\n- charts\n- `lamp.toml`',
  'On my way',
  'It has rained since Tuesday and the forecast for the rest of the week is not much better. '.repeat(5),
];

describe('a long channel', () => {
  withBrowser();
  let ann, cdp, history;

  before(async () => {
    ann = await Person.arrive('ann');
    await gather('Records', 'Long', [ann]);
    const [me] = await ann.ask([{ path: '/users/me' }]);
    const { id } = await ann.placeOf('long');
    history = new History(id, me.id);
    await ann.page.route(`**/api/v4/channels/${id}/posts?*`, (route) =>
      route.fulfill({ json: history.answer(new URL(route.request().url()).searchParams) }),
    );
    const { buffer } = picture('chart.png', 640, 360);
    await ann.page.route('**/api/v4/files/bench*', (route) => route.fulfill({ contentType: 'image/png', body: buffer }));
    cdp = await ann.context.newCDPSession(ann.page);
    await cdp.send('Performance.enable', { timeDomain: 'threadTicks' });
    await ann.page.reload();
    await ann.isIn('Long');
    await ann.messages.getByRole('article').last().waitFor();
  });
  after(() => ann?.leave());

  it('is scrolled through', { timeout: (SECONDS + 120) * 1000 }, async () => {
    await ann.picture('bench-end');
    report('at the end', await size());
    report('at the end', await enter('short'));
    const worked = await work();
    const { frames, first } = await ann.messages.evaluate(ride, { step: STEP, most: SECONDS * 1000 });
    const times = frames.sort((a, b) => a - b);
    const at = (part) => times[Math.min(times.length - 1, Math.floor(times.length * part))].toFixed(1);
    report('on the way', {
      messages: MESSAGES - first,
      frames: times.length,
      p50: at(0.5),
      p95: at(0.95),
      p99: at(0.99),
      max: at(1),
      'work/frame': (((await work()) - worked) / times.length).toFixed(1),
    });
    await ann.picture('bench-start');
    report('at the beginning', await size());
    await ann.button('Jump to the latest').click();
    await ann.messages.getByText(`${MESSAGES - 1}:`).waitFor();
    report('at the end again', { ...(await size()), ...(await enter('long')) });
    assert.ok(MESSAGES - first > 0);
  });

  /** From the key to the frame that shows the message, five times. */
  async function enter(word) {
    const times = [];
    for (let n = 0; n < 5; n++) {
      await ann.composer.fill(`${word} ${n}`);
      await ann.composer.focus();
      await ann.page.evaluate(stopwatch, `${word} ${n}`);
      await ann.page.keyboard.press('Enter');
      times.push(await ann.page.evaluate(() => globalThis.shown));
      await ann.isSent(`${word} ${n}`);
    }
    times.sort((a, b) => a - b);
    return { 'Enter, median': times[2].toFixed(0), 'Enter, worst': times[4].toFixed(0) };
  }

  async function size() {
    await cdp.send('HeapProfiler.collectGarbage');
    const { usedSize } = await cdp.send('Runtime.getHeapUsage');
    const elements = await ann.page.evaluate(() => document.querySelectorAll('*').length);
    return { 'heap in MB': (usedSize / 1e6).toFixed(1), elements };
  }

  /** Milliseconds that the main thread has worked until now. */
  async function work() {
    const { metrics } = await cdp.send('Performance.getMetrics');
    return metrics.find(({ name }) => name === 'TaskDuration').value * 1000;
  }
});

function report(where, values) {
  console.log(`${where}: ${Object.entries(values).map(([name, value]) => `${name} ${value}`).join(', ')}`);
}

/** The posts of a channel, as the server would tell of them, oldest first. */
class History {
  constructor(channel, author) {
    this.channel = channel;
    this.author = author;
    this.since = Date.now() - MESSAGES * MINUTE;
  }

  answer(asked) {
    const count = Number(asked.get('per_page') ?? 60);
    if (asked.has('before')) return this.page(this.indexOf(asked.get('before')) - count, count);
    if (asked.has('after')) return this.page(this.indexOf(asked.get('after')) + 1, count);
    return this.page(MESSAGES - count, count);
  }

  page(from, count) {
    const start = Math.max(0, from);
    const end = Math.min(MESSAGES, from + count);
    const list = Array.from({ length: Math.max(0, end - start) }, (_, n) => this.post(start + n));
    return {
      order: list.map(({ id }) => id).reverse(),
      posts: Object.fromEntries(list.map((post) => [post.id, post])),
      prev_post_id: start > 0 ? this.idOf(start - 1) : '',
      next_post_id: end < MESSAGES ? this.idOf(end) : '',
      has_next: false,
      first_inaccessible_post_time: 0,
    };
  }

  post(index) {
    const at = this.since + index * MINUTE;
    const pictured = index % 25 === 0;
    const id = this.idOf(index);
    const file = { id, post_id: id, name: 'chart.png', extension: 'png', mime_type: 'image/png', width: 640, height: 360, size: 9000 };
    return {
      id,
      create_at: at,
      update_at: at,
      edit_at: 0,
      delete_at: 0,
      user_id: this.author,
      channel_id: this.channel,
      root_id: '',
      type: '',
      message: `${index}:\n${TEXTS[(index * 7) % TEXTS.length]}`,
      props: {},
      reply_count: 0,
      file_ids: pictured ? [id] : [],
      metadata: { files: pictured ? [{ ...file, has_preview_image: true }] : [] },
    };
  }

  idOf(index) {
    return `bench${String(index).padStart(21, '0')}`;
  }

  indexOf(id) {
    return id.startsWith('bench') ? Number(id.slice(5)) : MESSAGES;
  }
}

/** Runs in the page: scrolls up until the beginning is in view, and says how long each frame took. */
function ride(list, { step, most }) {
  const began = performance.now();
  const frames = [];
  const firstOf = () => Number(/^\d+/.exec(list.querySelector('article .md')?.innerText ?? '')?.[0] ?? 0);
  return new Promise((resolve) => {
    let last = 0;
    const frame = (now) => {
      if (last) frames.push(now - last);
      last = now;
      const done = list.scrollTop <= 0 && list.querySelector('.intro');
      if (done || now - began > most) return resolve({ frames, first: firstOf() });
      list.scrollTop -= step;
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  });
}

/** Runs in the page: `shown` becomes the time from the next key until a message with this text has been drawn. */
function stopwatch(text) {
  globalThis.shown = new Promise((resolve) => {
    let from = 0;
    addEventListener('keydown', () => (from = performance.now()), { capture: true, once: true });
    const look = () => {
      const there = [...document.querySelectorAll('[role=log] article .md')].slice(-3).some((one) => one.innerText.includes(text));
      if (!from || !there) return requestAnimationFrame(look);
      // The frame in which it was found is drawn before the next task.
      setTimeout(() => resolve(performance.now() - from));
    };
    requestAnimationFrame(look);
  });
}
