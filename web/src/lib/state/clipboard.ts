/** Putting text into the clipboard, and saying so. */
import * as m from '../messages';
import { attempt, toasts } from './toasts.svelte';

export function copyText(text: string, note: string): void {
  void attempt(async () => {
    // Only there on secure pages.
    if (!navigator.clipboard) throw new Error(m.error_copying_forbidden());
    await navigator.clipboard.writeText(text);
    toasts.info(note);
  });
}
