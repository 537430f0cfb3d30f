import { describe, expect, it } from 'vitest';
import { toggleMark } from '../src/components/composer/marks';

/** The text with `[` and `]` where the selection is. */
function toggled(shown: string, mark = '**'): string {
  const from = shown.indexOf('[');
  const to = shown.indexOf(']') - 1;
  const after = toggleMark({ text: shown.replace(/[[\]]/g, ''), from, to }, mark);
  return `${after.text.slice(0, after.from)}[${after.text.slice(after.from, after.to)}]${after.text.slice(after.to)}`;
}

describe('marks around a selection', () => {
  it('are put there, and what was selected stays selected', () => {
    expect(toggled('please [read] this')).toBe('please **[read]** this');
    expect(toggled('[]')).toBe('**[]**');
  });

  it('are taken away by the same keys, whether they are selected or not', () => {
    expect(toggled('please **[read]** this')).toBe('please [read] this');
    expect(toggled('please [**read**] this')).toBe('please [read] this');
    expect(toggled('**[]**')).toBe('[]');
  });

  it('of one kind are not taken for those of another', () => {
    expect(toggled('*[read]*')).toBe('***[read]***');
    expect(toggled('__[read]__', '_')).toBe('___[read]___');
    expect(toggled('[**]')).toBe('**[**]**');
  });
});
