/** Whom a message names. Only to show it: whom it notifies is decided by the server, by the same rules. */
import { parse } from '../markdown/parser';
import { nothing, type Surroundings } from '../markdown/words';

const EVERYBODY = new Set(['channel', 'here', 'all']);

/** The usernames in a text that exist, each once. */
export function mentioned(text: string, exists: (name: string) => boolean): string[] {
  const found = new Set<string>();
  look(text, (name) => {
    if (exists(name)) found.add(name);
    return exists(name);
  });
  return [...found];
}

/** All that may be meant for usernames in a text: `@bob.please` may be `bob`. What means everybody is left out. */
export function candidates(text: string): string[] {
  const found = new Set<string>();
  look(text, (name) => {
    if (!EVERYBODY.has(name)) found.add(name);
    return EVERYBODY.has(name);
  });
  return [...found];
}

function look(text: string, mention: (name: string) => boolean): void {
  if (!/[@＠]/.test(text)) return;
  const around: Surroundings = { ...nothing, mention: (name) => (mention(name) ? { href: null, me: false } : null) };
  parse(text, { around });
}
