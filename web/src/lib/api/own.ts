/** Requests that the official client has no call for: what is this server's own. Same transport, same errors. */
import { client, transport } from './client';

type Method = 'get' | 'post' | 'put' | 'delete';
type Values = Record<string, string | number | boolean | undefined>;

/** Asks the server; `path` is what follows `/api/v4`. */
export async function request<T>(method: Method, path: string, body?: unknown): Promise<T> {
  const options = body === undefined ? { method } : { method, body: JSON.stringify(body) };
  const { data } = await transport(client.getBaseRoute() + path, options);
  return data as T;
}

/** `?a=1&b=2`, without what is undefined or empty. */
export function query(values: Values): string {
  const given = Object.entries(values).filter(([, value]) => value !== undefined && value !== '');
  return given.length ? `?${new URLSearchParams(given.map(([key, value]) => [key, String(value)]))}` : '';
}
