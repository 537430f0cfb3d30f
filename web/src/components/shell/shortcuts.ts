/** The keys that work everywhere. What a single component does with keys lies with it. */
import { ui } from '../../lib/state/ui.svelte';
import { workspace } from '../../lib/state/workspace.svelte';

export const SHORTCUTS: [keys: string, meaning: string][] = [
  ['Ctrl/⌘ K', 'Jump to a channel or person'],
  ['Alt ↑ / ↓', 'Previous or next channel'],
  ['Alt Shift ↑ / ↓', 'Previous or next unread channel'],
  ['Ctrl/⌘ Shift F', 'Search'],
  ['Enter', 'Send'],
  ['Shift Enter', 'Line break'],
  ['↑ in the empty box', 'Edit your last message'],
  ['Ctrl/⌘ B, Ctrl/⌘ I', 'Bold, italic'],
  ['↑ / ↓ in the messages', 'Walk through messages'],
  ['Esc', 'Close what is open'],
  ['Ctrl/⌘ /', 'This list'],
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
