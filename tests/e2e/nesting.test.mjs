/** However deep quotations and lists lie in each other, their text keeps a width that can be read. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Person, gather, withBrowser } from './support.mjs';

const WORDS = 'the innermost words of all';
/** As narrow as text may become. */
const LEAST = 100;
const levels = (count, line) => Array.from({ length: count }, (_, at) => line(at)).join('\n');
const NESTED = {
  quotes: `${'> '.repeat(20)}${WORDS}`,
  bullets: levels(10, (at) => `${'  '.repeat(at)}- ${at === 9 ? WORDS : at}`),
  numbers: levels(10, (at) => `${'   '.repeat(at)}1. ${at === 9 ? WORDS : at}`),
  'lists on a line': `${'- '.repeat(10)}${WORDS}`,
  mixtures: `${'> - '.repeat(6)}${WORDS}`,
};

/** Where each text stands, and how wide it is. Runs in the page. */
function measured(texts) {
  return texts.map((text) => {
    const row = text.closest('article');
    const place = `${row.textContent} ${[...row.querySelectorAll('*')].indexOf(text)}`;
    return [place, Math.round(text.getBoundingClientRect().width)];
  });
}

/** Scrolls what a text lies in, by so many pixels, and waits for what that shows. Runs in the page. */
function scrolled(text, by) {
  const scrolls = (element) => element.scrollHeight > element.clientHeight && /auto|scroll/.test(getComputedStyle(element).overflowY);
  let box = text.parentElement;
  while (box.parentElement && !scrolls(box)) box = box.parentElement;
  box.scrollBy(0, by);
  return new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
}

describe('text in many quotations and lists', () => {
  withBrowser();
  let ann;
  before(async () => {
    ann = await Person.arrive('ann');
    await gather('Nesting', 'Shelves', [ann]);
    const { id } = await ann.put('shelves', 'the root');
    for (const [name, text] of Object.entries(NESTED)) {
      await ann.put('shelves', `${name}\n\n${text}`);
      await ann.put('shelves', `${name}\n\n${text}`, { root_id: id });
    }
    const fields = [{ title: 'Field', value: NESTED.mixtures, short: true }];
    await ann.put('shelves', '', { props: { attachments: [{ text: NESTED.quotes, fields }] } });
  });
  after(() => ann?.leave());

  /** The width of each innermost text. Those that are out of view are not in the page: the list is scrolled to them, up and then down. */
  async function widths(where, count) {
    const texts = where.getByText(WORDS, { exact: true });
    const found = new Map();
    for (let tries = 0; tries < 40 && found.size < count; tries++) {
      await texts.first().waitFor();
      for (const [place, width] of await texts.evaluateAll(measured)) found.set(place, width);
      await texts.first().evaluate(scrolled, tries < 20 ? -300 : 300);
    }
    return [...found.values()];
  }

  async function readable(where, count) {
    const found = await widths(where, count);
    assert.equal(found.length, count);
    assert.ok(Math.min(...found) >= LEAST, found.join(', '));
  }

  it('can be read on a desktop, and in the pane beside', async () => {
    await readable(ann.messages, 7);
    await ann.picture('nesting');
    await ann.openThread('the root');
    await readable(ann.thread, 5);
    await ann.picture('nesting-pane');
  });

  it('can be read on a phone', async () => {
    await ann.page.setViewportSize({ width: 390, height: 780 });
    await readable(ann.thread, 5);
    await ann.picture('nesting-pane-phone');
    await ann.button('Close thread').click();
    await readable(ann.messages, 7);
    await ann.page.emulateMedia({ colorScheme: 'dark' });
    await ann.picture('nesting-phone-dark');
    const wide = await ann.page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(wide <= 390, `${wide} px wide`);
  });
});
