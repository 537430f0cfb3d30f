/**
 * The browser's local storage, behind keys that carry the base path: several organisations may live on one host. Storage
 * can be full or forbidden; then the client works on and merely forgets.
 */
import { basePath } from '../api/base';

const prefix = `rustchat:${basePath}:`;

export function load<T>(key: string, fallback: T): T {
  try {
    const text = localStorage.getItem(prefix + key);
    return text === null ? fallback : (JSON.parse(text) as T);
  } catch {
    return fallback;
  }
}

/** Stores a value; `null` removes it. */
export function save(key: string, value: unknown): void {
  try {
    if (value === null) localStorage.removeItem(prefix + key);
    else localStorage.setItem(prefix + key, JSON.stringify(value));
  } catch {
    // See above: forgetting is all right.
  }
}

/** All stored keys that begin with `start`, without the prefix. */
export function keys(start: string): string[] {
  try {
    return Object.keys(localStorage)
      .filter((key) => key.startsWith(prefix + start))
      .map((key) => key.slice(prefix.length));
  } catch {
    return [];
  }
}

/** Hears what other tabs store under keys that begin with `start`. Answers how to stop. */
export function listen(start: string, changed: (key: string) => void): () => void {
  const hear = ({ key }: StorageEvent) => {
    if (key?.startsWith(prefix + start)) changed(key.slice(prefix.length));
  };
  addEventListener('storage', hear);
  return () => removeEventListener('storage', hear);
}
