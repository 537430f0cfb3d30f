/**
 * Compiles the catalogues in `messages/`, whose texts are in ICU MessageFormat; English says which there are. Into
 * `src/lib/messages/`, which is not kept in the repository, go a declaration of a function for each text, which takes what
 * the text names, and a module for each language, loaded when it is chosen. Those functions exist for the type checker
 * alone: a plugin puts in place of `m.common_save()` the text's number, `text(12)`.
 */
import MessageFormat from '@messageformat/core';
import compileModule from '@messageformat/core/lib/compile-module.js';
import { parse } from '@messageformat/parser';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/** @typedef {Record<string, string>} Catalogue Texts by their keys. */
/** @typedef {Record<string, 'string' | 'number'>} Parameters What a text names, and of which type each is. */

const CATALOGUES = join(import.meta.dirname, '../messages');
const TARGET = join(import.meta.dirname, '../src/lib/messages');
const NOTE = '// Made by build/messages.js.\n';

/** @returns {Record<string, Catalogue>} The catalogues by their languages. */
export function readCatalogues() {
  const files = readdirSync(CATALOGUES).filter((name) => name.endsWith('.json'));
  return Object.fromEntries(
    files.map((name) => [basename(name, '.json'), JSON.parse(readFileSync(join(CATALOGUES, name), 'utf8'))]),
  );
}

/**
 * @param {string} message
 * @returns {Parameters}
 */
export function parametersOf(message) {
  return collect(parse(message, { strict: true }), {});
}

/**
 * What a catalogue lacks, has too much, or names otherwise than the English one.
 * @param {Catalogue} english
 * @param {Catalogue} other
 * @returns {string[]}
 */
export function differences(english, other) {
  const shape = (/** @type {string} */ message) => JSON.stringify(Object.entries(parametersOf(message)).sort());
  return [...new Set([...Object.keys(english), ...Object.keys(other)])].flatMap((key) => {
    const [here, there] = [english[key], other[key]];
    if (here === undefined) return [`${key} is not in English`];
    if (there === undefined) return [`${key} is not translated`];
    return shape(here) === shape(there) ? [] : [`${key} names other things: ${shape(here)}, ${shape(there)}`];
  });
}

/**
 * Writes the modules; what has not changed is left alone.
 * @returns {string[]} The keys, by whose places the texts are numbered.
 */
export function compile() {
  const { en: english = {}, ...others } = readCatalogues();
  for (const [language, catalogue] of Object.entries(others)) {
    const problems = differences(english, catalogue);
    if (problems.length) throw new Error(`messages/${language}.json: ${problems.join('; ')}`);
  }
  const keys = Object.keys(english);
  const all = { en: english, ...others };
  mkdirSync(TARGET, { recursive: true });
  write('index.d.ts', declarations(english));
  write('languages.ts', languages(Object.keys(all)));
  for (const [language, catalogue] of Object.entries(all)) write(`${language}.ts`, texts(language, keys, catalogue));
  return keys;
}

/** @returns {import('vite').Plugin} */
export function messages() {
  /** @type {string[]} */
  let keys = [];
  const prepare = () => {
    keys = compile();
  };
  return {
    name: 'messages',
    enforce: 'post',
    config: prepare,
    configureServer(server) {
      server.watcher.add(CATALOGUES).on('change', (path) => {
        if (!path.startsWith(CATALOGUES)) return;
        prepare();
        server.moduleGraph.invalidateAll();
        server.ws.send({ type: 'full-reload' });
      });
    },
    transform: (code, id) => (id.includes('node_modules') ? undefined : numbered(code, keys)),
  };
}

/**
 * A module in which the texts are called by their numbers; undefined if it calls none.
 * @param {string} code
 * @param {string[]} keys
 */
export function numbered(code, keys) {
  const calling = /^import \* as m from (['"])(.*)messages\1/m;
  if (!calling.test(code)) return undefined;
  const named = code.replace(/\bm\.(\w+)\b(\(\)?)?/g, (_, key, call) => {
    const place = keys.indexOf(key);
    if (place < 0) throw new Error(`messages/en.json has no ${key}`);
    if (!call) return `((values) => m(${place}, values))`;
    return call === '()' ? `m(${place})` : `m(${place}, `;
  });
  return named.replace(calling, 'import { text as m } from $1$2i18n/locale.svelte$1');
}

/**
 * @param {import('@messageformat/parser').Token[]} tokens
 * @param {Parameters} found
 */
function collect(tokens, found) {
  for (const token of tokens) {
    if (token.type === 'content' || token.type === 'octothorpe') continue;
    const counted = token.type === 'plural' || token.type === 'selectordinal';
    const isNumber = counted || (token.type === 'function' && token.key === 'number');
    if (isNumber) found[token.arg] = 'number';
    else found[token.arg] ??= 'string';
    if ('cases' in token) for (const { tokens } of token.cases) collect(tokens, found);
  }
  return found;
}

/** @param {Catalogue} english */
function declarations(english) {
  const functions = Object.entries(english).map(([key, message]) => {
    const fields = Object.entries(parametersOf(message)).map(([name, type]) => `${name}: ${type}`);
    return `/** ${message} */\nexport function ${key}(${fields.length ? `values: { ${fields.join('; ')} }` : ''}): string;\n`;
  });
  return NOTE + functions.join('');
}

/** @param {string[]} names */
function languages(names) {
  const loaders = names.map((name) => `  ${name}: () => import('./${name}'),\n`);
  return `${NOTE}export const catalogues = {\n${loaders.join('')}};\n`;
}

/**
 * @param {string} language
 * @param {string[]} keys
 * @param {Catalogue} catalogue
 */
function texts(language, keys, catalogue) {
  const numbered = Object.fromEntries(keys.map((key, place) => [place, catalogue[key] ?? '']));
  return `${NOTE}// @ts-nocheck\n${compileModule(new MessageFormat(language), numbered)}`;
}

/**
 * @param {string} name
 * @param {string} content
 */
function write(name, content) {
  const path = join(TARGET, name);
  try {
    if (readFileSync(path, 'utf8') === content) return;
  } catch {
    // It is made for the first time.
  }
  writeFileSync(path, content);
}

if (process.argv[1] === import.meta.filename) compile();
