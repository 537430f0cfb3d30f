/** Marks around what is selected, such as `**`: put there, or taken away where they are already. Pure. */
export interface Selection {
  text: string;
  from: number;
  to: number;
}

export function toggleMark({ text, from, to }: Selection, mark: string): Selection {
  const inner = text.slice(from, to);
  const [before, after] = [text.slice(0, from), text.slice(to)];
  if (has(before, mark, 'end') && has(after, mark, 'start')) {
    const [start, end] = [from - mark.length, to - mark.length];
    return { text: before.slice(0, start) + inner + after.slice(mark.length), from: start, to: end };
  }
  if (inner.length > 2 * mark.length && has(inner, mark, 'start') && has(inner, mark, 'end')) {
    const bare = inner.slice(mark.length, -mark.length);
    return { text: before + bare + after, from, to: from + bare.length };
  }
  return { text: before + mark + inner + mark + after, from: from + mark.length, to: to + mark.length };
}

/** Whether the mark stands there as such: the `*` of italics is no half of a `**`. */
function has(text: string, mark: string, where: 'start' | 'end'): boolean {
  const sign = mark.charAt(0);
  const run = where === 'start' ? text : [...text].reverse().join('');
  const length = run.length - run.replace(new RegExp(`^\\${sign}+`), '').length;
  return length === mark.length;
}
