/** Servers of a story's own: for settings that the shared one does not have, and for being stopped in the middle. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const target = process.env.CARGO_TARGET_DIR || join(root, 'target');
const binary = process.env.RUSTCHAT_BIN || join(target, 'debug/rustchat');
const STARTS_WITHIN = 60_000;

export class Server {
  dir = mkdtempSync(join(tmpdir(), 'rustchat-e2e.'));
  #process;

  /** A server with these settings besides the usual ones, for example `{ AUTH__OPEN_SIGNUP: 'false' }`. */
  static async with(settings = {}) {
    const server = new Server();
    // As root, PostgreSQL runs under another account, which must be able to pass through.
    chmodSync(server.dir, 0o711);
    server.port = await freePort();
    server.url = `http://127.0.0.1:${server.port}`;
    server.settings = settings;
    await server.start();
    return server;
  }

  async start() {
    const log = openSync(join(this.dir, 'log'), 'a');
    const own = { SERVER__BIND: `127.0.0.1:${this.port}`, DATA_DIR: join(this.dir, 'data'), LIMITS__ENABLED: 'false' };
    const given = Object.entries({ LOG: 'warn', SITE__URL: this.url, ...own, ...this.settings });
    const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('RUSTCHAT_'));
    const env = Object.fromEntries([...inherited, ...given.map(([name, value]) => [`RUSTCHAT__${name}`, value])]);
    this.#process = spawn(binary, { env, stdio: ['ignore', log, log] });
    const until = Date.now() + STARTS_WITHIN;
    while (!(await this.#answers())) {
      if (this.#process.exitCode !== null || Date.now() > until) throw new Error(`no server: ${this.log()}`);
      await new Promise((done) => setTimeout(done, 50));
    }
  }

  async stop() {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const ended = once(this.#process, 'exit');
    this.#process.kill('SIGTERM');
    await ended;
  }

  /** Ends it, and all that it kept. */
  async remove() {
    await this.stop();
    rmSync(this.dir, { recursive: true, force: true });
  }

  log() {
    return readFileSync(join(this.dir, 'log'), 'utf8').slice(-4000);
  }

  #answers() {
    return fetch(`${this.url}/api/v4/system/ping`).then(
      ({ ok }) => ok,
      () => false,
    );
  }
}

/** A port that was free a moment ago. */
async function freePort() {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
