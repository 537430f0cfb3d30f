/** Searching messages: all that fits can be reached, once each, with a mouse, a keyboard or a thumb. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Person, unique, withBrowser } from './support.mjs';

const MANY = 130;

describe('a search that finds more than fits on a page', () => {
  withBrowser();
  let ann;

  before(async () => {
    ann = await Person.arrive('ann');
    await ann.signUp();
    await ann.createTeam(`Haystack ${unique()}`);
    await ann.flood('town-square', MANY);
  });
  after(() => ann?.leave());

  const results = (person) => person.page.getByRole('complementary', { name: 'Search results' });
  const found = (person) => results(person).getByRole('list', { name: 'Messages' }).getByRole('article');
  const more = (person) => results(person).getByRole('button', { name: 'Show more' });

  async function search(person, terms) {
    await person.page.getByRole('searchbox', { name: 'Search messages' }).fill(terms);
    await person.page.keyboard.press('Enter');
    await found(person).first().waitFor();
  }

  /** The numbers of the messages in the list, in its order. */
  const numbers = async (person) =>
    (await found(person).allInnerTexts()).map((text) => Number(/flood (\d+)/.exec(text)?.[1]));
  const downFrom = (first, count) => Array.from({ length: count }, (_, n) => first - n);

  it('says that there is more, and brings all of it', async () => {
    await search(ann, 'flood');
    await results(ann).getByText('60 messages so far; there are more.').waitFor();
    assert.deepEqual(await numbers(ann), downFrom(MANY, 60));
    await more(ann).scrollIntoViewIfNeeded();
    await ann.picture('search-more');
    await more(ann).click();
    await results(ann).getByText('120 messages so far; there are more.').waitFor();
    await more(ann).click();
    await results(ann).getByText(`${MANY} messages, and no more.`).waitFor();
    assert.deepEqual(await numbers(ann), downFrom(MANY, MANY));
    await more(ann).waitFor({ state: 'detached' });
  });

  it('goes on by keyboard at the first that is new', async () => {
    await search(ann, 'flood ');
    await more(ann).focus();
    await ann.page.keyboard.press('Enter');
    await found(ann).nth(119).waitFor();
    const focus = ann.page.locator('li:has(a:focus)');
    await focus.filter({ hasText: `flood ${MANY - 60}` }).waitFor();
    await more(ann).focus();
    await ann.page.keyboard.press('Space');
    await focus.filter({ hasText: /flood 10(?!\d)/ }).waitFor();
    await ann.page.keyboard.press('Enter');
    await ann.inView(ann.post(/flood 10(?!\d)/));
  });

  it('shows nothing twice and leaves nothing out while messages come and go', async () => {
    await search(ann, 'flood');
    await ann.flood('town-square', 3);
    while (await more(ann).count()) {
      const before = await found(ann).count();
      await more(ann).click();
      await ann.page.waitForFunction(
        (count) =>
          document.querySelectorAll('aside article').length > count || !document.querySelector('aside .foot button'),
        before,
      );
    }
    const ids = await found(ann).evaluateAll((list) => list.map((one) => one.dataset.post));
    assert.equal(new Set(ids).size, ids.length);
    const all = await numbers(ann);
    for (let n = 1; n <= MANY; n++) assert.ok(all.includes(n), `flood ${n}`);
  });

  it('lets go of what is deleted meanwhile', async () => {
    const word = `gone${unique()}`;
    await ann.say(`soon ${word}`);
    await search(ann, word);
    await ann.choose(`soon ${word}`, 'Delete');
    await ann.confirm('Delete');
    await results(ann).getByText('No messages were found.').waitFor();
  });

  it('fits on a phone', async () => {
    await ann.page.setViewportSize({ width: 390, height: 780 });
    await search(ann, 'flood');
    await more(ann).scrollIntoViewIfNeeded();
    await ann.picture('search-more-phone');
    const { width, height, x } = await more(ann).boundingBox();
    assert.ok(height >= 36 && x >= 0 && x + width <= 390, `${x} ${width} ${height}`);
    await more(ann).click();
    await found(ann).nth(119).waitFor();
  });
});
