/** Names of the organisation's own emoji. Pure. */
import * as m from '../messages';

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
  if (!/^[a-z0-9_+-]{1,64}$/.test(wanted)) return m.emoji_name_bad();
  return isTaken(wanted) ? m.emoji_name_taken() : '';
}
