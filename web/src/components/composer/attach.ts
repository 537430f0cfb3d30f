/** Hands files to a composer, from whichever way they come: the button, a drop, the clipboard. */
import * as m from '../../lib/messages';
import { attachments } from '../../lib/state/attachments.svelte';
import { toasts } from '../../lib/state/toasts.svelte';
import { fileStamp } from '../../lib/time/reader.svelte';

export function attach(channelId: string, rootId: string, files: readonly File[]): void {
  const problems = attachments.add(channelId, rootId, files.map(named));
  // A whole folder dropped by mistake needs no note for each of its files.
  for (const problem of problems.slice(0, 3)) toasts.error(new Error(problem));
}

/** Pictures from the clipboard are all called alike; the time tells them apart. */
function named(file: File): File {
  if (file.name && file.name !== 'image.png') return file;
  const extension = /^image\/(\w+)/.exec(file.type)?.[1] ?? 'bin';
  return new File([file], `${m.composer_pasted({ time: fileStamp(Date.now()) })}.${extension}`, { type: file.type });
}
