/** Whom a message names. Only to show it: whom it notifies is decided by the server. */

/** Whether somebody of that name is meant, be it with everybody else. */
export function names(message: string, username: string): boolean {
  const name = username.replaceAll('.', '\\.');
  return new RegExp(`(^|[^\\w@])@(?:${name}|channel|here|all)(?![\\w-])`, 'i').test(message);
}
