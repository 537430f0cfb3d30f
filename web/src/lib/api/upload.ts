/** Sending a file for a message: a small one in one request, a large one in pieces (`pieces.ts`). */
import type { FileInfo, FileUploadResponse } from '@mattermost/types/files';
import * as m from '../messages';
import { client } from './client';
import { ApiError } from './errors';
import { uploadInPieces, type PieceOptions } from './pieces';
import { send, type SendOptions } from './send';

/** Bytes above which a file is sent in pieces, so that a broken connection costs a piece and not the whole. */
export const LARGE = 8 * 1024 * 1024;

/** Sends `file` for a message in the channel. Rejects with an `AbortError` when the signal says so. */
export function upload(channelId: string, file: File, options: PieceOptions): Promise<FileInfo> {
  return file.size > LARGE ? uploadInPieces(channelId, file, options) : uploadAtOnce(channelId, file, options);
}

async function uploadAtOnce(channelId: string, file: File, options: SendOptions): Promise<FileInfo> {
  const form = new FormData();
  form.append('channel_id', channelId);
  form.append('client_ids', crypto.randomUUID?.() ?? String(Math.random()));
  form.append('files', file, file.name);
  const { status, body } = await send(client.getFilesRoute(), form, options);
  const info = (body as FileUploadResponse).file_infos?.[0];
  if (!info) throw new ApiError(status, { message: m.error_upload_lost() });
  return info;
}
