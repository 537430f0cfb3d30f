/**
 * Where the server is. Everything is derived from the page's base element, so that the same build works at `/` and
 * below `/o/<slug>/`. Nothing else in the client may assume a path.
 */

/** The path below which the client lives, with slashes on both ends: `/` or `/o/acme/`. */
export const basePath = new URL('.', document.baseURI).pathname;

/** The site's address without a final slash, as the REST client wants it. */
export const siteUrl = new URL('.', document.baseURI).href.replace(/\/$/, '');

/** An absolute address of something below the base, for links that people copy. */
export function absoluteUrl(path: string): string {
  return `${siteUrl}/${path.replace(/^\//, '')}`;
}

/** The address of the WebSocket; `ws:` for `http:`, `wss:` for `https:`. */
export function socketUrl(query: Record<string, string>): string {
  const url = new URL(`${siteUrl}/api/v4/websocket`);
  url.protocol = url.protocol.replace('http', 'ws');
  url.search = new URLSearchParams(query).toString();
  return url.href;
}
