/**
 * The build. Assets are addressed relative to the page's base element, because the server may serve the client below a
 * path prefix. The development server hands API calls and the WebSocket to a rustchat on its usual port.
 */
import { svelte } from '@sveltejs/vite-plugin-svelte';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

const server = process.env.RUSTCHAT_SERVER ?? 'http://127.0.0.1:8065';

/** Styles behind the body's content: what stands in the page by itself is shown before they are there. */
const stylesLast: Plugin = {
  name: 'styles-last',
  transformIndexHtml: {
    order: 'post',
    handler(html) {
      const links = html.match(/ *<link rel="stylesheet"[^>]*>\n/g) ?? [];
      const rest = links.reduce((page, link) => page.replace(link, ''), html);
      return rest.replace('  </body>', `${links.join('')}  </body>`);
    },
  },
};

export default defineConfig({
  base: './',
  plugins: [svelte(), stylesLast],
  // Unit tests run the browser's half of Svelte.
  resolve: process.env.VITEST ? { conditions: ['browser'] } : {},
  build: { target: 'es2022', modulePreload: { polyfill: false }, chunkSizeWarningLimit: 600 },
  server: { port: 5173, proxy: { '/api': { target: server, ws: true } } },
  test: { environment: 'jsdom', include: ['test/**/*.test.ts'] },
});
