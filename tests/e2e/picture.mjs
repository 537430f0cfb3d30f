/** Takes docs/screenshot.png anew, on a server that is empty: scripts/with-server node tests/e2e/picture.mjs */
import { after, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Person, withBrowser } from './support.mjs';

const TARGET = fileURLToPath(new URL('../../docs/screenshot.png', import.meta.url));
const CHANNEL = 'Release 4.2';

withBrowser();
const people = [];
after(() => Promise.all(people.map((person) => person.leave())));

it('a team at work', async () => {
  for (const name of ['maya', 'jonas', 'priya', 'tomas']) {
    const person = await Person.arrive(name, { viewport: { width: 1400, height: 900 }, colorScheme: 'light' });
    // Alone on the server, nobody needs letters behind the name.
    person.name = name;
    people.push(person);
  }
  const [maya, jonas, priya, tomas] = people;
  await maya.signUp();
  await maya.createTeam('Northwind');
  for (const name of ['Design', 'Support', 'Hiring', CHANNEL]) await maya.createChannel(name);
  const link = await maya.copyInviteLink();
  for (const person of [jonas, priya, tomas]) {
    await person.signUp(link);
    await person.isIn('Town Square');
    for (const name of ['Design', 'Support', CHANNEL]) await person.joinChannel(name);
  }

  const plan = 'Morning! 4.2 goes out on **Thursday**. What is still open:';
  const test = 'The load test ran over night. Search stays well below our limit:';
  const notes = 'Release notes are written, see ~design for the pictures.';
  await maya.composer.fill(
    `${plan}\n\n- [x] Migration tested on a copy of production\n- [x] Translations are in\n` +
      '- [ ] Release notes, @priya\n- [ ] Load test of the new search',
  );
  await maya.button('Send message').click();
  await jonas.react('What is still open:', '+1');
  await maya.choose('What is still open:', 'Pin to channel');
  await jonas.composer.fill(
    `${test}\n\n| people online | p50 | p99 |\n| ---: | ---: | ---: |\n| 1,000 | 9 ms | 31 ms |\n| 10,000 | 14 ms | 58 ms |`,
  );
  await jonas.button('Send message').click();
  for (const person of [maya, priya, tomas]) await person.react(test, 'heart');
  await maya.react(test, '+1');

  for (const person of [priya, jonas, tomas, maya]) await person.openThread(test);
  await priya.reply('Really nice. Is that with the cold index?');
  const textbox = jonas.page.getByRole('textbox', { name: 'Reply to thread' });
  await textbox.fill(
    'Cold for the first five minutes. The p99 was 140 ms until then, so I added this to the start:\n' +
      '```rust\nindex.warm(Recent::days(30)).await?;\n```',
  );
  await jonas.button('Send reply').click();
  await tomas.reply('Then support will not notice anything 🙌');
  await maya.reply('Perfect, I tick it off. Thank you @jonas!');
  for (const person of [priya, jonas, tomas]) await person.button('Close thread').click();

  await priya.composer.fill(
    `${notes} Please read them once, especially the part about \`retention\`:\n` +
      '> Messages older than the limit are removed for good. Pinned ones stay.',
  );
  await priya.button('Send message').click();
  for (const person of [tomas, maya]) await person.react('Please read them once', '+1');
  await tomas.say('Reading. One question from a customer: does the upgrade need downtime?');
  await jonas.say('No. Nodes are replaced one by one, clients reconnect within a second and miss nothing.');
  await priya.say('Added that sentence, word for word 🎉');

  for (const [person, name, message] of [
    [tomas, 'Support', 'Two tickets about the old exporter'],
    [priya, 'Design', 'New icons are up, @maya'],
  ]) {
    await person.go(name);
    await person.say(message);
  }
  await jonas.writeTo(maya);
  await jonas.say('Shall I take the review?');
  await maya.channelLink(/jonas.*1 mention/).waitFor();
  await maya.channelLink(/Design.*1 mention/).waitFor();

  await maya.composer.focus();
  await maya.page.mouse.move(0, 0);
  await maya.page.screenshot({ path: TARGET, animations: 'disabled' });
});
