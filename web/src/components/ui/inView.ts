/** Keeps the option that arrow keys have reached in view. To be attached to its list. */
export function inView(active: number): (list: HTMLElement) => void {
  return (list) => list.children[active]?.scrollIntoView?.({ block: 'nearest' });
}
