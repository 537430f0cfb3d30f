/**
 * Sending a file, with its progress: `fetch` tells nothing of what was sent so far, so this is the one request that goes
 * another way. Failures are the same two errors as everywhere.
 */
import type { FileInfo, FileUploadResponse } from '@mattermost/types/files';
import { client, sessionLost } from './client';
import { ApiError, NetworkError, type ErrorBody } from './errors';

export interface UploadOptions {
  /** From 0 to 1. */
  onprogress: (part: number) => void;
  signal: AbortSignal;
}

/** Sends `file` for a message in the channel. Rejects with an `AbortError` when the signal says so. */
export function upload(channelId: string, file: File, options: UploadOptions): Promise<FileInfo> {
  const form = new FormData();
  form.append('channel_id', channelId);
  form.append('client_ids', crypto.randomUUID?.() ?? String(Math.random()));
  form.append('files', file, file.name);
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', client.getFilesRoute());
    const { headers } = client.getOptions({ method: 'post' }) as { headers: Record<string, string> };
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = ({ loaded, total }) => options.onprogress(total ? loaded / total : 0);
    request.onerror = () => reject(new NetworkError());
    request.onabort = () => reject(new DOMException('Cancelled', 'AbortError'));
    request.onload = () => {
      try {
        resolve(read(request));
      } catch (error) {
        reject(error as Error);
      }
    };
    options.signal.addEventListener('abort', () => request.abort());
    request.send(form);
  });
}

function read(request: XMLHttpRequest): FileInfo {
  const body = parse(request.responseText);
  if (request.status === 401) sessionLost();
  if (request.status < 200 || request.status > 299) throw new ApiError(request.status, body as ErrorBody);
  const info = (body as FileUploadResponse).file_infos?.[0];
  if (!info) throw new ApiError(request.status, { message: 'The server did not say where it put the file.' });
  return info;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {};
  }
}
