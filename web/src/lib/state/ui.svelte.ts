/** What is open on the screen besides the channel: the right pane, a dialog, the sidebar on small screens. */

import type { FileInfo } from '@mattermost/types/files';

export type Pane =
  | { kind: 'thread'; rootId: string; channelId: string }
  | { kind: 'search'; terms: string }
  | { kind: 'pinned' }
  | { kind: 'members' };

export type DialogKind =
  | 'create-channel'
  | 'browse-channels'
  | 'archived-channels'
  | 'direct'
  | 'add-people'
  | 'invite'
  | 'channel-settings'
  | 'channel-notifications'
  | 'team-settings'
  | 'settings'
  | 'switcher'
  | 'shortcuts';

/** Pictures in full size. */
export interface Lightbox {
  files: FileInfo[];
  at: number;
  from: string;
}

export interface Confirmation {
  title: string;
  text: string;
  action: string;
  /** What has to be typed before; for what destroys much. */
  typed?: string;
  run: () => Promise<unknown>;
}

class Ui {
  pane = $state.raw<Pane | null>(null);
  dialog = $state<DialogKind | null>(null);
  confirmation = $state.raw<Confirmation | null>(null);
  lightbox = $state.raw<Lightbox | null>(null);
  sidebarOpen = $state(false);
  /** The post that is being edited. */
  editing = $state('');
  /** The message whose tools are shown: the one pointed at or focused last. */
  active = $state('');
  /** The post that a permalink or a search result pointed to; it is lit for a moment. */
  highlighted = $state('');
  #dims: ReturnType<typeof setTimeout> | undefined;

  /** Whether the pane has so little room that it lies over the channel. */
  get paneCovers(): boolean {
    return matchMedia('(max-width: 1080px)').matches;
  }

  openThread(rootId: string, channelId: string): void {
    this.pane = { kind: 'thread', rootId, channelId };
  }

  get threadId(): string {
    return this.pane?.kind === 'thread' ? this.pane.rootId : '';
  }

  confirm(confirmation: Confirmation): void {
    this.confirmation = confirmation;
  }

  highlight(postId: string): void {
    this.highlighted = postId;
    clearTimeout(this.#dims);
    this.#dims = setTimeout(() => (this.highlighted = ''), 4000);
  }

  clear(): void {
    this.pane = this.dialog = this.confirmation = this.lightbox = null;
    this.sidebarOpen = false;
    this.editing = this.highlighted = '';
  }
}

export const ui = new Ui();
