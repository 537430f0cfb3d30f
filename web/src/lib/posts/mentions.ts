/** Whom a message names. Only to show it: whom it notifies is decided by the server. */

const EVERYBODY = ['channel', 'here', 'all'];

/** Whether somebody of that name is meant, be it with everybody else. */
export function names(message: string, username: string): boolean {
  const name = username.replaceAll('.', '\\.');
  return new RegExp(`(^|[^\\w@])@(?:${[name, ...EVERYBODY].join('|')})(?![\\w-])`, 'i').test(message);
}

/** The usernames in a text, each once; what stands in code is no name. */
export function named(text: string): string[] {
  const prose = text.replace(/```[\s\S]*?(```|$)|`[^`\n]*`/g, ' ');
  const names = [...prose.matchAll(/(?<!\w)@([a-z0-9][a-z0-9._-]*)/gi)].map(([, name = '']) => name.toLowerCase());
  // A full stop ends the sentence rather than the name.
  return [...new Set(names.map((name) => name.replace(/[._-]+$/, '')))].filter((name) => !EVERYBODY.includes(name));
}
