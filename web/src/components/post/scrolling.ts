/** Holding a list still while it grows, and walking through it. DOM only; knows nothing of messages but their mark. */

export interface Anchor {
  element: HTMLElement;
  top: number;
}

/** The first message in view and where it stands. */
export function anchorOf(box: HTMLElement): Anchor | null {
  const edge = box.getBoundingClientRect().top;
  for (const element of items(box)) {
    const { bottom, top } = element.getBoundingClientRect();
    if (bottom > edge) return { element, top };
  }
  return null;
}

/** Scrolls so that the message stands where it stood. */
export function restore(box: HTMLElement, anchor: Anchor | null): void {
  if (!anchor?.element.isConnected) return;
  const moved = anchor.element.getBoundingClientRect().top - anchor.top;
  if (Math.abs(moved) > 0.5) box.scrollTop += moved;
}

/** Moves the focus to the message above or below; from the list itself to the last one in view. */
export function step(box: HTMLElement, by: 1 | -1): void {
  const all = items(box);
  const at = all.indexOf(document.activeElement as HTMLElement);
  const next = at < 0 ? lastInView(box, all) : all[at + by];
  next?.focus({ preventScroll: true });
  next?.scrollIntoView({ block: 'nearest' });
}

/** The last message of which more than a sliver is in view. */
export function lastInView(box: HTMLElement, all = items(box)): HTMLElement | undefined {
  const edge = box.getBoundingClientRect().bottom;
  return all.findLast((element) => element.getBoundingClientRect().top < edge - 20);
}

function items(box: HTMLElement): HTMLElement[] {
  return [...box.querySelectorAll<HTMLElement>('[data-post]')];
}
