/** What is done by way of the API, by whoever runs the server: for what a story needs and is not about. */
import assert from 'node:assert/strict';
import { PASSWORD, ROOT, settle, unique, url } from './support.mjs';

/** Logs in to `server` as its first account; answers the way to ask for something. */
export async function administer(server) {
  await settle(server);
  const login = { method: 'POST', body: JSON.stringify({ login_id: ROOT, password: PASSWORD }) };
  const token = (await fetch(`${server}/api/v4/users/login`, login)).headers.get('token');
  return async (method, path, body) => {
    const headers = { Authorization: `Bearer ${token}` };
    const answer = await fetch(`${server}/api/v4${path}`, { method, headers, body: body && JSON.stringify(body) });
    assert.ok(answer.ok, `${path}: ${await answer.clone().text()}`);
    return answer.json();
  };
}

/** Makes an organisation with an administrator called head; answers its address, with a slash at the end. */
export async function found(asRoot, about) {
  const slug = `house-${unique()}`;
  const admin = { username: 'head', email: 'head@example.com', password: PASSWORD };
  await asRoot('POST', '/organizations', { name: 'House', slug, sign_up_policy: 'open', admin, ...about });
  return `${url}/o/${slug}/`;
}
