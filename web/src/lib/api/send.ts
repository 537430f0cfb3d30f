/**
 * The one request that does not go by `fetch`, which tells nothing of what was sent so far. Failures are the same two
 * errors as everywhere.
 */
import { client, sessionLost } from './client';
import { ApiError, NetworkError, type ErrorBody } from './errors';

export interface SendOptions {
  /** From 0 to 1. */
  onprogress: (part: number) => void;
  signal: AbortSignal;
}
export interface Answer {
  status: number;
  body: unknown;
}

/** Milliseconds after which a request that is not answered counts as cut off. */
const LONGEST = 180_000;

/** Posts `body`. Rejects with an `AbortError` when the signal says so. */
export function send(address: string, body: Blob | FormData, { onprogress, signal }: SendOptions): Promise<Answer> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(cancelled());
    const request = new XMLHttpRequest();
    request.open('POST', address);
    const { headers } = client.getOptions({ method: 'post' }) as { headers: Record<string, string> };
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    if (body instanceof Blob) {
      request.setRequestHeader('Content-Type', 'application/octet-stream');
      request.timeout = LONGEST;
    }
    request.upload.onprogress = ({ loaded, total }) => onprogress(total ? loaded / total : 0);
    request.onerror = request.ontimeout = () => reject(new NetworkError());
    request.onabort = () => reject(cancelled());
    request.onload = () => {
      const answer = { status: request.status, body: parse(request.responseText) };
      if (answer.status === 401) sessionLost();
      if (answer.status >= 200 && answer.status <= 299) resolve(answer);
      else reject(new ApiError(answer.status, answer.body as ErrorBody));
    };
    signal.addEventListener('abort', () => request.abort());
    request.send(body);
  });
}

function cancelled(): DOMException {
  return new DOMException('Cancelled', 'AbortError');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {};
  }
}
