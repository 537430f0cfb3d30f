/** The keys of a toolbar: Tab stops at one of its buttons, the arrows lead to the others. To be attached to it. */
export function toolbar(bar: HTMLElement): () => void {
  // Told apart from the entries of a menu that opens inside; on small screens some are left out.
  const stops = () => [...bar.querySelectorAll<HTMLElement>('.icon-btn')].filter((button) => button.offsetParent);
  const stopAt = (chosen: HTMLElement | undefined) => {
    for (const button of stops()) button.tabIndex = button === chosen ? 0 : -1;
  };

  function walk(event: KeyboardEvent): void {
    const all = stops();
    const at = all.indexOf(event.target as HTMLElement);
    const steps: Record<string, number> = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: all.length - 1 };
    const next = steps[event.key];
    if (at < 0 || next === undefined) return;
    event.preventDefault();
    const chosen = all[(next + all.length) % all.length];
    stopAt(chosen);
    chosen?.focus();
  }

  stopAt(stops()[0]);
  bar.addEventListener('keydown', walk);
  return () => bar.removeEventListener('keydown', walk);
}
