/** What cannot be shown takes nothing along. */
import { flushSync, mount, unmount } from 'svelte';
import { afterEach, expect, it, vi } from 'vitest';
import type { Post } from '@mattermost/types/posts';
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
