/** An event that is handled where its handler stands. */
type Pressed = KeyboardEvent & { currentTarget: HTMLElement };

/**
 * The keys of what stands in a row or column and is one stop of Tab, as the tabs of a list: arrows lead to the neighbours
 * and round the ends, Home and End to the ends. Gives the focus to where the key leads, and tells what that is.
 */
export function walk(event: Pressed, selector: string): HTMLElement | undefined {
  const all = [...event.currentTarget.querySelectorAll<HTMLElement>(selector)];
  const at = all.indexOf(document.activeElement as HTMLElement);
  const [on, back] = [at + 1, at - 1];
  const [Home, End] = [0, all.length - 1];
  const steps: Record<string, number> = { ArrowRight: on, ArrowDown: on, ArrowLeft: back, ArrowUp: back, Home, End };
  const next = steps[event.key];
  if (next === undefined) return undefined;
  event.preventDefault();
  const there = all[(next + all.length) % all.length];
  there?.focus();
  return there;
}

/** The keys of a list of tabs, of which one is chosen as soon as it has the focus. */
export function walkTabs(event: Pressed): void {
  walk(event, '[role=tab]')?.click();
}
