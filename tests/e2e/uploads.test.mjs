/** Large files go in pieces, and go on where they were broken off: by the network, by the server, by a reload. */
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Server } from './server.mjs';
import { Person, Wire, gather, settle, withBrowser } from './support.mjs';

const MIB = 1024 * 1024;
const digest = (bytes) => createHash('sha256').update(bytes).digest('hex');

describe('large files', () => {
  withBrowser();
  let server, wire, ann;
  const dir = mkdtempSync(join(tmpdir(), 'rustchat-large.'));
  const film = randomBytes(20 * MIB);
  const file = (name, bytes) => {
    writeFileSync(join(dir, name), bytes);
    return join(dir, name);
  };
  before(async () => {
    server = await Server.with({ FILES__MAX_SIZE: String(30 * MIB), FILES__QUOTA: String(70 * MIB) });
    await settle(server.url);
    wire = await Wire.lay(server.url);
    ann = await Person.arrive('ann', { at: wire.url });
    await gather('Lighthouse', 'Films', [ann]);
  });
  after(async () => {
    await ann?.leave();
    wire?.remove();
    await server?.remove();
    rmSync(dir, { recursive: true, force: true });
  });

  const chips = () => ann.page.getByRole('list', { name: 'Attached files' });
  const waits = () => chips().getByRole('alert').getByText('Waiting to go on…').waitFor();
  const isThere = (name) =>
    chips()
      .getByRole('button', { name: `Remove ${name}` })
      .waitFor();
  /** The network is back, and the page has noticed: it need not sit out its pause. */
  const online = () => ann.page.evaluate(() => dispatchEvent(new Event('online')));
  const opened = [];
  const arrives = async (name) => {
    await ann.sends();
    const link = ann.messages.getByRole('link', { name: new RegExp(`^Download ${name}`) });
    const [download] = await Promise.all([ann.page.waitForEvent('download'), link.click()]);
    assert.equal(digest(readFileSync(await download.path())), digest(film), name);
  };

  it('show how far they have come, and go on after the connection broke', async () => {
    ann.page.on('request', (request) => {
      if (request.method() === 'POST' && request.url().endsWith('/api/v4/uploads')) opened.push(request);
    });
    wire.cutAfter(12 * MIB);
    await ann.attach(file('cut.bin', film));
    await waits();
    const progress = ann.page.getByRole('progressbar', { name: 'Sending cut.bin' });
    assert.ok((await progress.evaluate((bar) => bar.value)) > 0.3);
    await ann.picture('upload-waits');
    wire.mend();
    await online();
    await isThere('cut.bin');
    await arrives('cut.bin');
    assert.equal(opened.length, 1);
  });

  it('go on after the server was restarted', async () => {
    let pieces = 0;
    await ann.page.route('**/api/v4/uploads/*', async (route) => {
      if (route.request().method() === 'POST' && ++pieces === 2) await server.stop();
      await route.continue();
    });
    await ann.attach(file('restart.bin', film));
    await waits();
    await server.start();
    await online();
    await isThere('restart.bin');
    await ann.page.unroute('**/api/v4/uploads/*');
    // Three pieces, of which one was tried twice.
    assert.equal(pieces, 4);
    await arrives('restart.bin');
    assert.equal(opened.length, 2);
  });

  it('can be cancelled, and go on when the same file is chosen again, be it after a reload', async () => {
    const path = file('again.bin', film);
    wire.cutAfter(12 * MIB);
    await ann.attach(path);
    await waits();
    await ann.button('Cancel again.bin').click();
    await chips().waitFor({ state: 'detached' });
    wire.mend();
    await ann.page.reload();
    await ann.isIn('Films');
    await ann.attach(path);
    await isThere('again.bin');
    await arrives('again.bin');
    assert.equal(opened.length, 3);
  });

  it('say when they are too large, and when there is no space left', async () => {
    await ann.attach(file('huge.bin', Buffer.alloc(31 * MIB)));
    await ann.page.getByText('“huge.bin” is larger than 30 MB.').waitFor();
    await ann.attach(file('more.bin', film));
    await chips()
      .getByRole('alert')
      .getByText(/no space left/)
      .waitFor();
    await ann.picture('upload-refused');
    await ann.button('Remove more.bin').click();
  });

  it('wait while the storage is away', async () => {
    const files = join(server.dir, 'data/files');
    renameSync(files, `${files}.away`);
    writeFileSync(files, '');
    await ann.attach(file('storage.bin', film.subarray(0, 9 * MIB)));
    await waits();
    await ann.picture('upload-storage');
    rmSync(files);
    renameSync(`${files}.away`, files);
    await online();
    await isThere('storage.bin');
  });
});
