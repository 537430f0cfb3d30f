/** The keys that work everywhere. What a single component does with keys lies with it. */
import * as m from '../../lib/messages';
import { ui } from '../../lib/state/ui.svelte';
import { workspace } from '../../lib/state/workspace.svelte';

export const SHORTCUTS: [keys: () => string, meaning: () => string][] = [
  [m.shortcuts_keys_switcher, m.switcher_target],
  [m.shortcuts_keys_channel, m.shortcuts_channel],
  [m.shortcuts_keys_unread, m.shortcuts_unread],
  [m.shortcuts_keys_search, m.common_search],
  [m.shortcuts_keys_send, m.composer_send],
  [m.shortcuts_keys_break, m.shortcuts_break],
  [m.shortcuts_keys_edit, m.shortcuts_edit],
  [m.shortcuts_keys_marks, m.shortcuts_marks],
  [m.shortcuts_keys_walk, m.shortcuts_walk],
  [m.shortcuts_keys_close, m.shortcuts_close],
  [m.shortcuts_keys_list, m.shortcuts_list],
];

export function handleShortcut(event: KeyboardEvent): void {
  if (event.defaultPrevented) return;
  const command = event.ctrlKey || event.metaKey;
  const key = event.key.toLowerCase();
  if (command && !event.shiftKey && !event.altKey && key === 'k') take(event, () => (ui.dialog = 'switcher'));
  else if (command && event.shiftKey && key === 'f') take(event, focusSearch);
  else if (command && key === '/') take(event, () => (ui.dialog = 'shortcuts'));
  else if (event.altKey && !command && (key === 'arrowup' || key === 'arrowdown')) {
    take(event, () => workspace.step(key === 'arrowup' ? -1 : 1, event.shiftKey));
  } else if (key === 'escape') close();
  else if (!command && !event.altKey && event.key.length === 1 && event.target === document.body) focusComposer();
}

function take(event: KeyboardEvent, action: () => void): void {
  event.preventDefault();
  action();
}

function close(): void {
  // They close by themselves. Notes are in nobody's way.
  if (document.querySelector('dialog[open], [popover]:popover-open:not(.toasts)')) return;
  if (ui.sidebarOpen) ui.sidebarOpen = false;
  else if (ui.editing) ui.editing = '';
  else if (ui.pane) {
    ui.pane = null;
    focusComposer();
  }
}

/** Whoever types with nothing in focus means the message box. */
function focusComposer(): void {
  document.querySelector<HTMLElement>('[data-composer]')?.focus();
}

function focusSearch(): void {
  document.querySelector<HTMLElement>('[data-search]')?.focus();
}
