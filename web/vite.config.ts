/**
 * The build. Assets are addressed relative to the page's base element, because the server may serve the client below a
 * path prefix. The development server hands API calls and the WebSocket to a rustchat on its usual port.
 */
import { svelte } from '@sveltejs/vite-plugin-svelte';
import type { Plugin } from 'vite';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { emoji } from './build/emoji.ts';
import { messages } from './build/messages.js';

const server = process.env.RUSTCHAT_SERVER ?? 'http://127.0.0.1:8065';

/** The texts are asked for by a script of their own: behind the entry they would wait for all of it. */
const textsFirst: Plugin = {
  name: 'texts-first',
  apply: 'build',
  buildStart() {
    this.emitFile({ type: 'chunk', id: 'src/texts.ts' });
  },
  transformIndexHtml: {
    order: 'post',
    handler(html, { bundle = {} }) {
      const texts = Object.values(bundle).find(
        (one) => one.type === 'chunk' && one.facadeModuleId?.endsWith('/texts.ts'),
      );
      const script = `<script type="module" crossorigin src="./${texts?.fileName}"></script>`;
      return html.replace(/ *<script type="module"/, (entry) => `    ${script}\n${entry}`);
    },
  },
};

/** What that script needs, by itself; and in one piece what several parts of the client share. */
const chunks = [
  { name: 'first', priority: 2, test: /node_modules\/(svelte|clsx|esm-env)\/|lib\/(i18n|state\/storage|api\/base)/ },
  { name: 'shared', priority: 1, minShareCount: 2 },
];

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
  plugins: [svelte(), textsFirst, stylesLast, emoji(), messages()],
  // Unit tests run the browser's half of Svelte.
  resolve: { alias, ...(process.env.VITEST ? { conditions: ['browser'] } : {}) },
  build: {
    target: 'es2022',
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 600,
    rolldownOptions: { output: { codeSplitting: { groups: chunks } } },
  },
  server: { port: 5173, proxy: { '/api': { target: server, ws: true } } },
  test: {
    environment: 'jsdom',
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/setup.ts'],
    // What is bundled is what is tested: with the parts above.
    server: { deps: { inline: ['markdown-it'] } },
  },
});
