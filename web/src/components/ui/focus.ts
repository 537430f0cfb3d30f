/**
 * The focus never falls to nowhere. When what has it goes away (the button that is done, the message that was deleted),
 * it goes to the nearest thing around it that can take it: a list, a pane, or the box to write in beside it.
 */
import { touch } from '../../lib/state/touch';

/** An element and all around it, from the inside out, as they are now. */
export function trailOf(element: Element | null): Element[] {
  const trail: Element[] = [];
  for (let at = element; at && at !== document.body; at = at.parentElement) trail.push(at);
  return trail;
}

/** Gives the focus to the first of these that is still there and takes it; else to where one writes, or reads. */
export function focusAlong(trail: Element[]): void {
  for (const element of trail) if (element.isConnected && takes(element)) return;
  takes(document.body);
}

/** Itself, or the box in it. A touch screen would show its keyboard over what one came to read: there it is the messages. */
function takes(element: Element): boolean {
  const box = touch ? null : element.querySelector<HTMLElement>('textarea');
  const inside = box ?? element.querySelector<HTMLElement>('[role=log]');
  const target = element.matches('[tabindex], a, button, input, textarea') ? (element as HTMLElement) : inside;
  target?.focus();
  return Boolean(target) && document.activeElement === target;
}

/** What comes in place of what went away may take the focus by itself, within so many milliseconds. */
const PATIENCE = 100;

/** Sees to it on the whole page until the returned function is called. */
export function keepFocus(): () => void {
  let trail: Element[] = [];
  let soon: ReturnType<typeof setTimeout> | undefined;
  const isLost = () => document.activeElement === document.body && trail[0]?.isConnected === false;
  const note = (event: FocusEvent) => (trail = trailOf(event.target as Element));
  // Whoever presses beside everything wants nothing to have the focus.
  const forget = ({ target }: Event) => {
    if (!trail[0]?.contains(target as Node)) trail = [];
  };
  const mend = () => {
    soon = undefined;
    if (isLost()) focusAlong(trail);
  };
  const observer = new MutationObserver(() => {
    if (isLost()) soon ??= setTimeout(mend, PATIENCE);
  });
  document.addEventListener('focusin', note);
  document.addEventListener('pointerdown', forget);
  observer.observe(document.body, { childList: true, subtree: true });
  return () => {
    document.removeEventListener('focusin', note);
    document.removeEventListener('pointerdown', forget);
    observer.disconnect();
    clearTimeout(soon);
  };
}
