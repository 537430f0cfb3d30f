/** Rows of a list in the page are marked with their keys (`data-row`). DOM only. */

/** Rows from one key to another. */
export interface Selected {
  from: string;
  to: string;
}

/** The key of the row around a node; empty outside of rows. */
export function keyOf(node: Node | null): string {
  const element = node instanceof Element ? node : node?.parentElement;
  return element?.closest<HTMLElement>('[data-row]')?.dataset.row ?? '';
}

/** The rows that are in the page, in order. */
export function rowsIn(list: HTMLElement): HTMLElement[] {
  return [...list.querySelectorAll<HTMLElement>('[data-row]')];
}

/** The rows that a selection has something of; one that goes beyond the list reaches to what is in the page of it. */
export function selectedKeys(box: HTMLElement, selection: Selection | null): Selected | null {
  if (!selection?.rangeCount || selection.isCollapsed) return null;
  const { startContainer, endContainer } = selection.getRangeAt(0);
  const from = inside(box, startContainer);
  const to = inside(box, endContainer);
  if (!from && !to) return null;
  const rows = rowsIn(box);
  return { from: from || keyOf(rows[0] ?? null), to: to || keyOf(rows.at(-1) ?? null) };
}

function inside(box: HTMLElement, node: Node): string {
  return box.contains(node) ? keyOf(node) : '';
}
