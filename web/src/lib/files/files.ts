/**
 * What a file is, in words and sizes: its kind, its type's name, how large, and the box that its picture gets. Pure; where
 * files lie and how they get there is `api/upload.ts` and the REST client's business.
 */
import type { FileInfo } from '@mattermost/types/files';
import { locale } from '../i18n/locale.svelte';
import * as m from '../messages';

/** An `image` is a picture that browsers do not show. */
export type FileKind = 'picture' | 'image' | 'video' | 'audio' | 'document' | 'sheet' | 'archive' | 'code' | 'other';

/** As much of a file as is needed to say what it is; a file that is still on its way has no more. */
export type FileTraits = Pick<FileInfo, 'name' | 'mime_type'> & { extension?: string; has_preview_image?: boolean };

const BY_EXTENSION: Record<string, FileKind> = {
  ...of('image', 'heic heif avif tif tiff jxl svg ico psd ai raw dng cr2 cr3 nef arw'),
  ...of('document', 'pdf doc docx odt rtf txt md pages ppt pptx odp key'),
  ...of('sheet', 'xls xlsx ods csv tsv numbers'),
  ...of('archive', 'zip gz tgz bz2 xz zst 7z rar tar jar'),
  ...of('code', 'js ts py rs go c h cpp java kt swift rb php sh sql json yaml yml toml xml html css svelte diff patch'),
};
/** Kinds that the server hands out to be shown in the page. Drawings (SVG) can hold scripts, and are no pictures here. */
const PICTURES = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/bmp']);

/** Whether browsers show the file itself; of other pictures there is only what the server made of them. */
export function isShowable(file: FileTraits): boolean {
  return PICTURES.has(typeOf(file));
}

export function kindOf(file: FileTraits): FileKind {
  const type = typeOf(file);
  if (PICTURES.has(type)) return 'picture';
  // Of others the server may have made one that is shown in small, and in large by itself.
  if (type.startsWith('image/')) return file.has_preview_image ? 'picture' : 'image';
  if (type.startsWith('video/')) return 'video';
  if (type.startsWith('audio/')) return 'audio';
  return BY_EXTENSION[extensionOf(file)] ?? 'other';
}

/** What people call the type: `PDF`, `ZIP`, `File`. */
export function typeName(file: FileTraits): string {
  const extension = extensionOf(file);
  return extension && extension.length <= 6 ? extension.toUpperCase() : m.files_file();
}

/** `950 B`, `1.4 MB`, `12 MB`; steps of 1024, as file managers count. */
export function formatSize(bytes: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  let value = Math.max(0, bytes);
  let unit = 0;
  while (value >= 1023.5 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const digits = unit > 0 && value < 9.95 ? 1 : 0;
  return `${locale.decimal(value, digits)} ${units[unit]}`;
}

/** The box of a picture that must fit: never larger than the picture itself. Unknown sizes get a box of four by three. */
export function fit(width: number, height: number, most: { width: number; height: number }): Box {
  if (!(width > 0 && height > 0)) return { width: Math.min(320, most.width), height: Math.min(240, most.height) };
  const scale = Math.min(1, most.width / width, most.height / height);
  return { width: Math.max(24, Math.round(width * scale)), height: Math.max(24, Math.round(height * scale)) };
}

export interface Box {
  width: number;
  height: number;
}

/** The blurred picture that came with the post, as an address; empty where there is none. */
export function placeholder(file: Pick<FileInfo, 'mini_preview'>): string {
  const data = file.mini_preview ?? '';
  return /^[A-Za-z0-9+/]+={0,2}$/.test(data) ? `data:image/jpeg;base64,${data}` : '';
}

function typeOf(file: FileTraits): string {
  return file.mime_type.split(';')[0]?.trim().toLowerCase() ?? '';
}

function extensionOf(file: FileTraits): string {
  const extension = file.extension || (/\.([a-z0-9]{1,10})$/i.exec(file.name)?.[1] ?? '');
  return extension.replace(/^\./, '').toLowerCase();
}

function of(kind: FileKind, extensions: string): Record<string, FileKind> {
  return Object.fromEntries(extensions.split(' ').map((extension) => [extension, kind]));
}
