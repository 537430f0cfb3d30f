/**
 * The REST client: the official `Client4` for routes and types, over a transport of our own which adds what a browser
 * client needs: typed errors, one place that notices a dead session, and patience when the server asks for it with
 * `Retry-After`. The session is the HttpOnly cookie; no token is kept in reach of scripts.
 */
import { Client4 } from '@mattermost/client';
import type { UserProfile } from '@mattermost/types/users';
import { siteUrl } from './base';
import { ApiError, NetworkError, type ErrorBody } from './errors';

type Options = Parameters<Client4['getOptions']>[0];
interface Answer {
  response: Response;
  data: unknown;
}

const MAX_ATTEMPTS = 4;
const MAX_WAIT_S = 20;

let onSessionLost: () => void = () => {};

/** Calls `listener` when an answer says that the session is gone. Login itself does not count. */
export function whenSessionLost(listener: () => void): void {
  onSessionLost = listener;
}

/** For requests that do not pass through here. */
export function sessionLost(): void {
  onSessionLost();
}

/** Calls want what an answer holds, and ask by way of `doFetch`. Those that want the answer itself are made anew. */
class Client extends Client4 {
  protected override doFetch = async <Data>(url: string, options: Options): Promise<Data> => {
    const { data } = await transport(url, options);
    return data as Data;
  };

  /** The token in the head of the answer is left there: it is the cookie's as well. */
  override login = (loginId: string, password: string, token = ''): Promise<UserProfile> => {
    const body = JSON.stringify({ login_id: loginId, password, token, deviceId: '' });
    return this.doFetch(`${this.getUsersRoute()}/login`, { method: 'post', body });
  };

  override logout = async (): Promise<Response> => {
    const { response } = await transport(`${this.getUsersRoute()}/logout`, { method: 'post' });
    return response;
  };
}

export const client = new Client();
client.setUrl(siteUrl);
client.setAuthHeader = false;

export async function transport(url: string, options: Options): Promise<Answer> {
  const response = await patientFetch(url, options);
  const data = await readBody(response);
  if (response.ok) return { response, data };
  const error = new ApiError(response.status, isObject(data) ? data : { message: '' });
  if (endsSession(error, url)) onSessionLost();
  throw error;
}

/** A session that must first have a second factor is no dead one; one of a suspended organisation is as good as dead. */
function endsSession(error: ApiError, url: string): boolean {
  if (error.id.includes('organization.suspended')) return true;
  return error.status === 401 && !isOwn(url) && !error.id.includes('mfa_required');
}

/** Requests that are refused with 401 for what is in them, and not because the session is over. */
function isOwn(url: string): boolean {
  return /\/users\/(login|password\/reset|[a-z0-9]+\/(mfa(\/\w+)?|password))$/.test(url);
}

/** 429 and 503 mean that the request was refused before anything was done: repeating it is safe, posts included. */
async function patientFetch(url: string, options: Options): Promise<Response> {
  for (let attempt = 1; ; attempt++) {
    let response: Response;
    try {
      response = await fetch(url, client.getOptions(options) as RequestInit);
    } catch {
      throw new NetworkError();
    }
    if (response.status !== 429 && response.status !== 503) return response;
    const wait = Number(response.headers.get('Retry-After'));
    if (!(wait > 0 && wait <= MAX_WAIT_S) || attempt >= MAX_ATTEMPTS) return response;
    // A little more than asked and never the same, so that many clients do not return in step.
    await new Promise((done) => setTimeout(done, wait * 1000 + Math.random() * 500));
  }
}

async function readBody(response: Response): Promise<unknown> {
  const type = response.headers.get('Content-Type') ?? '';
  try {
    if (type.includes('ndjson')) return parseLines(await response.text());
    if (type.includes('json')) return await response.json();
    return await response.text();
  } catch {
    throw new NetworkError();
  }
}

function parseLines(text: string): unknown[] {
  return text
    .split('\n')
    .filter((line) => line.trim())
    .map((line) => JSON.parse(line) as unknown);
}

function isObject(value: unknown): value is ErrorBody {
  return typeof value === 'object' && value !== null;
}
