/** What cannot be shown takes nothing along. */
import { createRawSnippet, flushSync, mount, unmount } from 'svelte';
import { afterEach, expect, it, vi } from 'vitest';
import type { Post } from '@mattermost/types/posts';
import Boundary from '../src/components/ui/Boundary.svelte';
import Markdown from '../src/components/ui/Markdown.svelte';
import PostRow from '../src/components/post/PostRow.svelte';
import * as rendering from '../src/lib/markdown/render';

vi.mock('../src/lib/markdown/render', async (original) => {
  const real = await original<typeof rendering>();
  return { ...real, renderMarkdown: vi.fn(real.renderMarkdown) };
});

afterEach(() => document.body.replaceChildren());

it('a text that cannot be rendered is shown as it was typed', () => {
  vi.mocked(rendering.renderMarkdown).mockImplementationOnce(() => {
    throw new RangeError('Maximum call stack size exceeded');
  });
  const component = mount(Markdown, { target: document.body, props: { text: '**a**\n<b>' } });
  flushSync();
  expect(document.querySelector('.md')?.textContent).toBe('**a**\n<b>');
  void unmount(component);
});

it('a message that cannot be shown is its text', () => {
  const broken = { id: 'p1', message: 'still here', create_at: NaN, type: '', props: {} } as unknown as Post;
  const component = mount(PostRow, { target: document.body, props: { post: broken } });
  flushSync();
  expect(document.querySelector('[data-post=p1]')?.textContent).toContain('still here');
  void unmount(component);
});

it('a pane that cannot be shown says so, and is shown when it can', () => {
  let fails = true;
  const children = createRawSnippet(() => ({
    render: () => {
      if (fails) throw new Error('broken');
      return '<p>the pane</p>';
    },
  }));
  const component = mount(Boundary, { target: document.body, props: { children } });
  flushSync();
  expect(document.querySelector('[role=alert]')?.textContent).toMatch(/could not be shown/);
  fails = false;
  document.querySelector('button')?.click();
  flushSync();
  expect(document.body.textContent).toContain('the pane');
  expect(document.querySelector('[role=alert]')).toBeNull();
  void unmount(component);
});
