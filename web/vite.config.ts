/**
 * The build. Assets are addressed relative to the page's base element, because the server may serve the client below a
 * path prefix. The development server hands API calls and the WebSocket to a rustchat on its usual port.
 */
import { svelte } from '@sveltejs/vite-plugin-svelte';
import type { Plugin } from 'vite';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { emoji } from './build/emoji.ts';

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

/** Parts of the parser of messages that this client does without, or takes from the browser: three quarters of its size. */
const local = (name: string): string => fileURLToPath(new URL(`src/lib/markdown/${name}.ts`, import.meta.url));
const alias = {
  entities: local('entities'),
  'linkify-it': local('unused'),
  mdurl: local('unused'),
  'punycode.js': local('unused'),
};

export default defineConfig({
  base: './',
  plugins: [svelte(), stylesLast, emoji()],
  // Unit tests run the browser's half of Svelte.
  resolve: { alias, ...(process.env.VITEST ? { conditions: ['browser'] } : {}) },
  build: { target: 'es2022', modulePreload: { polyfill: false }, chunkSizeWarningLimit: 600 },
  server: { port: 5173, proxy: { '/api': { target: server, ws: true } } },
  test: {
    environment: 'jsdom',
    include: ['test/**/*.test.ts'],
    // What is bundled is what is tested: with the parts above.
    server: { deps: { inline: ['markdown-it'] } },
  },
});
