/**
 * Uploads that go on where they were broken off: by a lost connection, by a restart of the server or, if somebody
 * remembers their number, by a reload. What the server has, it is asked for; nothing is sent twice that it kept.
 */
import type { FileInfo } from '@mattermost/types/files';
import { client } from './client';
import { ApiError, explain, isTemporary } from './errors';
import { request } from './own';
import { send, type SendOptions } from './send';

export interface PieceOptions extends SendOptions {
  /** An upload of the same file that was begun earlier. */
  begun?: string;
  /** Called with the upload's number when it has one. */
  onbegun: (id: string) => void;
  /** Called with the reason while it waits to go on, and with an empty one when it does. */
  onwait: (reason: string) => void;
}
interface Upload {
  id: string;
  file_offset: number;
}

const PIECE = 8 * 1024 * 1024;
const FIRST_PAUSE = 1000;
const LONGEST_PAUSE = 15_000;

/** Sends `file` piece by piece, and waits out what is temporary for as long as it takes or until the signal ends it. */
export async function uploadInPieces(channelId: string, file: File, options: PieceOptions): Promise<FileInfo> {
  let { begun = '' } = options;
  const remember = (id: string) => options.onbegun((begun = id));
  for (let failures = 0; ; failures++) {
    try {
      const found = begun ? await find(begun) : undefined;
      if (found && !('file_offset' in found)) return found;
      const upload = found ?? (await open(channelId, file));
      if (upload.id !== begun) remember(upload.id);
      return await sendFrom(upload, file, { ...options, onwait: (reason) => ((failures = 0), options.onwait(reason)) });
    } catch (error) {
      if (!isTemporary(error) && !isTaken(error)) throw error;
      options.onwait(explain(error));
      await pause(Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** failures), options.signal);
    }
  }
}

async function sendFrom({ id, file_offset }: Upload, file: File, options: PieceOptions): Promise<FileInfo> {
  const address = `${client.getBaseRoute()}/uploads/${id}`;
  for (let offset = file_offset; ; offset += PIECE) {
    const piece = file.slice(offset, offset + PIECE);
    const onprogress = (part: number) => {
      options.onwait('');
      options.onprogress((offset + part * piece.size) / file.size);
    };
    const { status, body } = await send(address, piece, { signal: options.signal, onprogress });
    if (status === 201) return body as FileInfo;
  }
}

function open(channelId: string, file: File): Promise<Upload> {
  const asked = { channel_id: channelId, filename: file.name, file_size: file.size, type: 'attachment' };
  return request('post', '/uploads', asked);
}

/** How far an upload has come; the file, if its last piece came and only the answer was lost; nothing, if it is gone. */
async function find(id: string): Promise<Upload | FileInfo | undefined> {
  for (const path of [`/uploads/${id}`, `/files/${id}/info`]) {
    try {
      return await request<Upload | FileInfo>('get', path);
    } catch (error) {
      if (!(error instanceof ApiError && [403, 404].includes(error.status))) throw error;
    }
  }
  return undefined;
}

/** The server still holds the broken connection for the sender; it will notice. */
function isTaken(error: unknown): boolean {
  return error instanceof ApiError && error.id.includes('upload_data.concurrent');
}

/** Waits; not for longer when the network comes back, and with an `AbortError` when the signal says so. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(end, ms);
    addEventListener('online', end);
    signal.addEventListener('abort', end);
    function end(): void {
      clearTimeout(timer);
      removeEventListener('online', end);
      signal.removeEventListener('abort', end);
      if (signal.aborted) reject(new DOMException('Cancelled', 'AbortError'));
      else resolve();
    }
  });
}
