import js from '@eslint/js';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';
import { noBareText } from './eslint/no-bare-text.js';

// Times and days are the reader's own. What makes them lies in lib/time.
const TIMES = [
  ":matches(NewExpression, CallExpression)[callee.name='Date']",
  "MemberExpression[object.name='Intl'][property.name=/^(DateTimeFormat|RelativeTimeFormat)$/]",
  'MemberExpression[property.name=/^(toLocale(Date|Time)String|getTimezoneOffset)$/]',
].map((selector) => ({
  selector,
  message: 'Take lib/time/reader.svelte.ts: times are shown as their reader has them.',
}));

// Numbers and lists are written as the chosen language has them.
const NUMBERS = [
  "MemberExpression[object.name='Intl'][property.name=/^(NumberFormat|ListFormat|PluralRules|DisplayNames)$/]",
  "MemberExpression[property.name='toLocaleString']",
].map((selector) => ({ selector, message: 'Take lib/i18n/locale.svelte.ts, or a plural in a message.' }));

export default ts.config(
  { ignores: ['dist', 'node_modules', 'src/lib/messages'] },
  js.configs.recommended,
  ...ts.configs.recommended,
  ...svelte.configs.recommended,
  { languageOptions: { globals: { ...globals.browser } } },
  { files: ['*.config.{js,ts}', 'build/*.{js,ts}', 'eslint/*.js'], languageOptions: { globals: { ...globals.node } } },
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
  {
    files: ['src/**'],
    plugins: { texts: { rules: { 'no-bare-text': noBareText } } },
    rules: { 'texts/no-bare-text': 'error', 'no-restricted-syntax': ['error', ...TIMES, ...NUMBERS] },
  },
  { files: ['src/lib/time/**'], rules: { 'no-restricted-syntax': ['error', ...NUMBERS] } },
  { files: ['src/lib/i18n/**'], rules: { 'no-restricted-syntax': ['error', ...TIMES] } },
);
