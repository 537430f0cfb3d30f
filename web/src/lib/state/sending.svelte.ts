/**
 * From a message box to the outbox. What is sent while its files are on their way goes as soon as they are there, wherever
 * its writer has gone meanwhile. Writing on takes it back, and so does a file that fails.
 */
import { SvelteSet } from 'svelte/reactivity';
import { attachments } from './attachments.svelte';
import { drafts, slot } from './drafts.svelte';
import { outbox } from './outbox.svelte';

class Sending {
  readonly #waiting = new SvelteSet<string>();

  /** Whether it will be sent as soon as its files are there. */
  waits(channelId: string, rootId: string): boolean {
    return this.#waiting.has(slot(channelId, rootId));
  }

  send(channelId: string, rootId: string): void {
    if (attachments.has(channelId, rootId, 'uploading')) this.#waiting.add(slot(channelId, rootId));
    else this.#go(channelId, rootId);
  }

  takeBack(channelId: string, rootId: string): void {
    this.#waiting.delete(slot(channelId, rootId));
  }

  /** The files of a place are there, or will not be. */
  settled(channelId: string, rootId: string): void {
    const wanted = this.#waiting.delete(slot(channelId, rootId));
    if (wanted && !attachments.has(channelId, rootId, 'failed')) this.#go(channelId, rootId);
  }

  close(): void {
    this.#waiting.clear();
  }

  #go(channelId: string, rootId: string): void {
    const text = drafts.get(channelId, rootId);
    // Its only file may have been taken away.
    if (!text.trim() && !attachments.has(channelId, rootId, 'done')) return;
    outbox.send(channelId, rootId, text, attachments.take(channelId, rootId));
    drafts.set(channelId, rootId, '');
  }
}

export const sending = new Sending();
attachments.onSettled = (channelId, rootId) => sending.settled(channelId, rootId);
