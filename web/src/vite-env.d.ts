/// <reference types="svelte" />
/// <reference types="vite/client" />

/** Made by `build/emoji.ts`, where its shape is. */
declare module 'virtual:emoji' {
  const table: unknown;
  export default table;
}
