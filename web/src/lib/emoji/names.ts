/** Names of the organisation's own emoji. Pure. */

/** A name from that of a picture: `Party Parrot.gif` becomes `party_parrot`. */
export function emojiName(fileName: string): string {
  return fileName
    .replace(/\.[^.]*$/, '')
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .toLowerCase()
    .replace(/[^a-z0-9+-]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .slice(0, 64);
}

/** Why a name cannot be taken; empty if it can. */
export function nameProblem(name: string, isTaken: (name: string) => boolean): string {
  const wanted = name.trim();
  if (!/^[a-z0-9_+-]{1,64}$/.test(wanted)) return 'Small letters, digits, dashes and underscores only.';
  return isTaken(wanted) ? 'There is an emoji of this name.' : '';
}
