/** A provider of single sign-on (OpenID Connect) with a page on which a person says who they are. */
import { createHash, generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';

export const CLIENT = { OPENID__CLIENT_ID: 'rustchat', OPENID__CLIENT_SECRET: 'the-clients-secret' };

const coded = (value) => Buffer.from(value).toString('base64url');

export class Provider {
  #keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  #grants = new Map();
  #server = createServer((request, response) => void this.#answer(request, response));

  /** `people`: by name, what the provider says of each. */
  static async start(people) {
    const provider = new Provider();
    provider.people = people;
    provider.#server.listen(0, '127.0.0.1');
    await once(provider.#server, 'listening');
    provider.issuer = `http://127.0.0.1:${provider.#server.address().port}`;
    return provider;
  }

  stop() {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #answer(request, response) {
    const { pathname, searchParams } = new URL(request.url, this.issuer);
    const json = (status, body) =>
      response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
    if (pathname === '/.well-known/openid-configuration') return json(200, this.#about());
    if (pathname === '/keys')
      return json(200, { keys: [{ ...this.#publicKey(), use: 'sig', alg: 'ES256', kid: '1' }] });
    if (pathname === '/token') return json(...this.#token(new URLSearchParams(await text(request))));
    if (pathname === '/authorize')
      return response.writeHead(200, { 'Content-Type': 'text/html' }).end(this.#page(searchParams));
    return json(404, {});
  }

  #about() {
    return {
      issuer: this.issuer,
      authorization_endpoint: `${this.issuer}/authorize`,
      token_endpoint: `${this.issuer}/token`,
      jwks_uri: `${this.issuer}/keys`,
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['ES256'],
    };
  }

  #publicKey() {
    return this.#keys.publicKey.export({ format: 'jwk' });
  }

  /** One link for each person, and one for whoever does not want to. */
  #page(asked) {
    const back = (answer) => {
      const url = new URL(asked.get('redirect_uri'));
      url.search = new URLSearchParams({ state: asked.get('state'), ...answer }).toString();
      return url.href.replaceAll('&', '&amp;');
    };
    const links = Object.entries(this.people).map(([name, claims]) => {
      const code = randomUUID();
      this.#grants.set(code, { claims, asked });
      return `<p><a href="${back({ code })}">Continue as ${name}</a></p>`;
    });
    return `<h1>Who are you?</h1>${links.join('')}<p><a href="${back({ error: 'access_denied' })}">No, thank you</a></p>`;
  }

  #token(form) {
    const grant = this.#grants.get(form.get('code'));
    this.#grants.delete(form.get('code'));
    const challenge = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    if (!grant || grant.asked.get('code_challenge') !== challenge) return [400, { error: 'invalid_grant' }];
    const now = Math.floor(Date.now() / 1000);
    const about = { iss: this.issuer, aud: grant.asked.get('client_id'), iat: now, exp: now + 300 };
    const claims = { ...about, nonce: grant.asked.get('nonce'), ...grant.claims };
    return [200, { access_token: 'x', token_type: 'Bearer', expires_in: 300, id_token: this.#signed(claims) }];
  }

  #signed(claims) {
    const text = [{ alg: 'ES256', kid: '1' }, claims].map((part) => coded(JSON.stringify(part))).join('.');
    const signature = sign('sha256', Buffer.from(text), { key: this.#keys.privateKey, dsaEncoding: 'ieee-p1363' });
    return `${text}.${coded(signature)}`;
  }
}

async function text(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts).toString();
}
