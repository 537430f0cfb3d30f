import js from '@eslint/js';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';

export default ts.config(
  { ignores: ['dist', 'node_modules'] },
  js.configs.recommended,
  ...ts.configs.recommended,
  ...svelte.configs.recommended,
  { languageOptions: { globals: { ...globals.browser } } },
  { files: ['*.config.{js,ts}', 'build/*.ts'], languageOptions: { globals: { ...globals.node } } },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: ts.parser, extraFileExtensions: ['.svelte'] } },
  },
  {
    rules: {
      'no-console': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      // Own history router, no SvelteKit: links are plain hrefs.
      'svelte/no-navigation-without-resolve': 'off',
      // Maps and sets that live for one call, or that nothing on screen depends on, need not be reactive.
      'svelte/prefer-svelte-reactivity': 'off',
      // The one place that needs it (Markdown.svelte) says why and opts out by itself.
      'svelte/no-at-html-tags': 'error',
    },
  },
);
