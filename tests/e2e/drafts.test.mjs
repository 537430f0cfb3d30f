/** What was typed and not sent is still there later. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Person, gather, withBrowser } from './support.mjs';

describe('a draft', () => {
  withBrowser();
  let ann;

  before(async () => {
    ann = await Person.arrive('ann');
    await gather('Writers', 'Novel', [ann]);
  });
  after(() => ann?.leave());

  it('survives a reload, in the channel and in a thread', async () => {
    await ann.say('Chapter one');
    await ann.openThread('Chapter one');
    const reply = ann.page.getByRole('textbox', { name: 'Reply to thread' });
    await reply.fill('It was a dark');
    await ann.composer.fill('Chapter two\nbegins here');
    await ann.page.reload();
    await ann.isIn('Novel');
    assert.equal(await ann.composer.inputValue(), 'Chapter two\nbegins here');
    await ann.openThread('Chapter one');
    assert.equal(await reply.inputValue(), 'It was a dark');
    await ann.button('Close thread').click();
  });

  it('stays with its channel, and is marked there', async () => {
    await ann.go('Town Square');
    assert.equal(await ann.composer.inputValue(), '');
    await ann.channelLink(/Novel.*draft/).waitFor();
    await ann.picture('draft');
    await ann.go('Novel');
    assert.equal(await ann.composer.inputValue(), 'Chapter two\nbegins here');
  });

  it('is gone once it was sent', async () => {
    await ann.button('Send message').click();
    await ann.sees('begins here');
    assert.equal(await ann.composer.inputValue(), '');
    await ann.page.reload();
    await ann.isIn('Novel');
    await ann.sees('begins here');
    assert.equal(await ann.composer.inputValue(), '');
    assert.equal(await ann.post('begins here').count(), 1);
  });

  it('is the same in two tabs, and gone in both once it was sent', async () => {
    const first = ann.page;
    await ann.open();
    await ann.page.goto(first.url());
    await ann.isIn('Novel');
    await ann.composer.fill('Written in the other tab');
    const shows = (value) => first.waitForFunction((text) => document.querySelector('#composer').value === text, value);
    await shows('Written in the other tab');
    await ann.sends();
    await ann.isSent('Written in the other tab');
    await shows('');
    await ann.page.close();
    ann.page = first;
  });

  it('that is too long for a message stays, and says so', async () => {
    await ann.composer.fill('long '.repeat(3300));
    await ann.page.keyboard.press('Enter');
    await ann.page.getByRole('alert').getByText('Too long to be sent.').waitFor();
    await ann.picture('too-long');
    assert.equal((await ann.composer.inputValue()).length, 16_500);
  });

  it('is nobody else’s on the same browser', async () => {
    await ann.composer.fill('for my eyes only');
    await ann.logOut();
    const { name } = ann;
    ann.name = `${name}-other`;
    await ann.signUp();
    await ann.createTeam(`Second ${name}`);
    assert.equal(await ann.composer.inputValue(), '');
    await ann.logOut();
    ann.name = name;
    await ann.logIn();
    await ann.go('Novel');
    assert.equal(await ann.composer.inputValue(), 'for my eyes only');
  });
});
