/**
 * Runs a command inside an organisation that has just been made: node in-organisation.mjs CMD [ARG…]
 *
 * The command finds the way into it, below the server's, at $RUSTCHAT_URL.
 */
import { spawn } from 'node:child_process';

const server = process.env.RUSTCHAT_URL;

async function post(path, body, token = '') {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const answer = await fetch(`${server}/api/v4${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`POST ${path}: ${answer.status} ${await answer.text()}`);
  return answer;
}

// The first account of a server is its operator.
const operator = { username: 'operator', email: 'operator@example.com', password: 'Correct horse 7 battery' };
await post('/users', operator);
const login = await post('/users/login', { login_id: operator.username, password: operator.password });
await post('/organizations', { slug: 'crew', name: 'Crew' }, login.headers.get('token'));

const [command, ...rest] = process.argv.slice(2);
const env = { ...process.env, RUSTCHAT_URL: `${server}/o/crew` };
spawn(command, rest, { env, stdio: 'inherit' }).on('exit', (code) => process.exit(code ?? 1));
