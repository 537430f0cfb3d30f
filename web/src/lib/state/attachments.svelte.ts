/**
 * Files that lie in a composer and are not posted yet, by channel and thread: on their way, there, or failed. Those that
 * the server has are kept over a reload and the same in all tabs, as drafts are. A file goes to the server as soon as it
 * is chosen.
 */
import type { FileInfo } from '@mattermost/types/files';
import { SvelteMap } from 'svelte/reactivity';
import { explain } from '../api/errors';
import { upload } from '../api/upload';
import { formatSize } from '../files/files';
import * as m from '../messages';
import { slot } from './drafts.svelte';
import { session } from './session.svelte';
import { keys, listen, load, save } from './storage';

export interface Attachment {
  key: number;
  name: string;
  size: number;
  mime_type: string;
  state: 'uploading' | 'done' | 'failed';
  /** From 0 to 1. */
  progress: number;
  /** Why it failed or, while it is on its way, what it waits for. */
  error: string;
  info?: FileInfo;
  /** The file itself, for as long as this page holds it. */
  file?: File;
  stop?: AbortController;
}

/** What the protocol lets one message carry. */
export const MOST_FILES = 10;

export class Attachments {
  /** What to do when no file of a place is on its way any more; set once, by what sends messages. */
  onSettled: (channelId: string, rootId: string) => void = () => {};
  readonly #lists = new SvelteMap<string, Attachment[]>();
  #prefix = '';
  #stop = () => {};
  #next = 1;

  /** Takes up what an account had attached, of which the server has the files. */
  open(userId: string): void {
    this.#prefix = `files:${userId}:`;
    for (const key of keys(this.#prefix)) this.#take(key);
    this.#stop = listen(this.#prefix, (key) => this.#take(key));
  }

  close(): void {
    this.#stop();
    for (const list of this.#lists.values()) for (const item of list) item.stop?.abort();
    this.#lists.clear();
  }

  in(channelId: string, rootId = ''): Attachment[] {
    return this.#lists.get(slot(channelId, rootId)) ?? [];
  }

  /** Whether there are any; of a state, if one is named. */
  has(channelId: string, rootId = '', state?: Attachment['state']): boolean {
    return this.in(channelId, rootId).some((item) => !state || item.state === state);
  }

  /** Begins to send files. Answers what is wrong with those that it does not take, each by its name. */
  add(channelId: string, rootId: string, files: readonly File[]): string[] {
    const problems: string[] = [];
    for (const file of files) {
      const problem = this.#refuse(channelId, rootId, file);
      if (problem) problems.push(problem);
      else this.#start(channelId, rootId, this.#fresh(file));
    }
    return problems;
  }

  retry(channelId: string, rootId: string, key: number): void {
    const item = this.in(channelId, rootId).find((other) => other.key === key);
    if (item?.file) this.#start(channelId, rootId, { ...item, state: 'uploading', progress: 0, error: '' });
  }

  remove(channelId: string, rootId: string, key: number): void {
    this.in(channelId, rootId)
      .find((item) => item.key === key)
      ?.stop?.abort();
    this.#set(channelId, rootId, (list) => list.filter((item) => item.key !== key));
    this.#settle(channelId, rootId);
  }

  /** Hands over what is there, to be posted; what failed or is on its way stays. */
  take(channelId: string, rootId: string): FileInfo[] {
    const done = this.in(channelId, rootId).filter(({ state }) => state === 'done');
    this.#set(channelId, rootId, (list) => list.filter(({ state }) => state !== 'done'));
    return done.map(({ info }) => info).filter((info) => info !== undefined);
  }

  /** What is stored, maybe by another tab, in place of what was; what is on its way from here stays. */
  #take(key: string): void {
    const place = key.slice(this.#prefix.length);
    const here = this.#lists.get(place) ?? [];
    const infos = load<FileInfo[]>(key, []);
    const done = infos.map((info) => here.find((item) => item.info?.id === info.id) ?? this.#done(info));
    this.#put(place, [...done, ...here.filter(({ info }) => !info)]);
  }

  #put(place: string, list: Attachment[]): void {
    if (list.length) this.#lists.set(place, list);
    else this.#lists.delete(place);
  }

  #refuse(channelId: string, rootId: string, file: File): string {
    const most = Number(session.config.MaxFileSize) || 0;
    if (this.in(channelId, rootId).length >= MOST_FILES) {
      return m.composer_too_many_files({ name: file.name, most: MOST_FILES });
    }
    if (most && file.size > most) return m.composer_file_too_large({ name: file.name, size: formatSize(most) });
    return file.size === 0 ? m.composer_file_empty({ name: file.name }) : '';
  }

  #fresh(file: File): Attachment {
    const { name, size, type } = file;
    return { key: this.#next++, name, size, mime_type: type, state: 'uploading', progress: 0, error: '', file };
  }

  #done(info: FileInfo): Attachment {
    const { name, size, mime_type } = info;
    return { key: this.#next++, name, size, mime_type, state: 'done', progress: 1, error: '', info };
  }

  #start(channelId: string, rootId: string, item: Attachment): void {
    const stop = new AbortController();
    const { key, file } = item;
    this.#set(channelId, rootId, (list) => [...list.filter((other) => other.key !== key), { ...item, stop }]);
    if (!file) return;
    const change = (part: Partial<Attachment>) => {
      // It may have been taken away meanwhile, or all of them be forgotten.
      if (!this.in(channelId, rootId).some((other) => other.key === key)) return;
      this.#set(channelId, rootId, (list) => list.map((other) => (other.key === key ? { ...other, ...part } : other)));
    };
    const memory = `upload:${session.myId}:${channelId}:${file.name}:${file.size}:${file.lastModified}`;
    upload(channelId, file, {
      signal: stop.signal,
      begun: load(memory, ''),
      onbegun: (id) => save(memory, id),
      onprogress: (progress) => change({ progress }),
      onwait: (error) => change({ error }),
    })
      .then(
        (info) => {
          save(memory, null);
          change({ state: 'done', progress: 1, error: '', info, mime_type: info.mime_type });
        },
        (error) => change({ state: 'failed', error: explain(error) }),
      )
      .then(() => this.#settle(channelId, rootId));
  }

  #settle(channelId: string, rootId: string): void {
    if (!this.has(channelId, rootId, 'uploading')) this.onSettled(channelId, rootId);
  }

  #set(channelId: string, rootId: string, change: (list: Attachment[]) => Attachment[]): void {
    const key = slot(channelId, rootId);
    const list = change(this.#lists.get(key) ?? []);
    this.#put(key, list);
    const infos = list.map(({ info }) => info).filter((info) => info !== undefined);
    save(this.#prefix + key, infos.length ? infos : null);
  }
}

export const attachments = new Attachments();
