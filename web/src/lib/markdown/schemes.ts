/**
 * Where links may lead: the schemes that everybody knows, and those that the server's administrator allows besides
 * (`CustomUrlSchemes`). What runs code in the page is never among them.
 */
const USUAL = ['http', 'https', 'ftp', 'ssh', 'mailto', 'tel'];
const NEVER = new Set(['javascript', 'data', 'vbscript', 'file', 'blob', 'about']);
const SCHEME = /^[a-z][a-z0-9+.-]{0,31}$/;

let custom: ReadonlySet<string> = new Set();
let pattern = patternOf(USUAL);

/** Takes the server's list, separated by commas: `git, smb,steam`. */
export function allowSchemes(list: string): void {
  const names = list.split(',').map((name) => name.trim().toLowerCase().replace(/:.*$/, ''));
  custom = new Set(names.filter((name) => SCHEME.test(name) && !NEVER.has(name)));
  pattern = patternOf([...USUAL, ...custom]);
}

export function isCustom(scheme: string): boolean {
  return custom.has(scheme.toLowerCase());
}

/** What an address that a link may lead to begins with; for the sanitiser. */
export function addressPattern(): RegExp {
  return pattern;
}

/** Whether a link may lead there: an address with an allowed scheme, or one of this site. */
export function isAddress(text: string): boolean {
  return pattern.test(text);
}

function patternOf(schemes: string[]): RegExp {
  return new RegExp(`^(?:(?:${schemes.map((name) => name.replace(/[+.]/g, '\\$&')).join('|')}):|/)`, 'i');
}
