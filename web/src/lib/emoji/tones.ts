/** Signs by the protocol's names, from the table that the build made: with aliases and tones of skin. Pure. */
import type { Row, Table } from '../../../build/emoji';

const TONES = ['light', 'medium_light', 'medium', 'medium_dark', 'dark'];
const MODIFIERS = ['🏻', '🏼', '🏽', '🏾', '🏿'];

export interface Toned {
  name: string;
  sign: string;
}

/** Every name, with its sign; a name with a tone is `+1_dark_skin_tone`, or of two people `…_light_skin_tone_dark_skin_tone`. */
export function signs({ rows }: Table): ReadonlyMap<string, string> {
  const byName = new Map<string, string>();
  for (const row of rows) {
    for (const name of row[1].split(' ')) {
      byName.set(name, row[0]);
      for (const one of [...toned(row, name), ...alike(row, name)]) byName.set(one.name, one.sign);
    }
  }
  return byName;
}

/** The sign of a row in all its tones, under one of its names. */
export function toned([sign, , , , tones]: Row, name: string): Toned[] {
  if (!tones) return [];
  if (tones === 1)
    return MODIFIERS.map((modifier, n) => ({ name: withTones(name, String(n)), sign: insert(sign, modifier) }));
  return Object.entries(tones).map(([places, made]) => ({ name: withTones(name, places), sign: made }));
}

/** Two people in one tone, under the name of that tone, where the table only has pairs. */
function alike([, , , , tones]: Row, name: string): Toned[] {
  if (typeof tones === 'number') return [];
  return Object.entries(tones)
    .filter(([[first = '', second]]) => first === second && !(first in tones))
    .map(([[first = ''], made]) => ({ name: withTones(name, first), sign: made }));
}

function withTones(name: string, places: string): string {
  return name + [...places].map((place) => `_${TONES[Number(place)]}_skin_tone`).join('');
}

/** A tone follows the first character, in place of the mark that makes a picture of it. */
function insert(sign: string, modifier: string): string {
  const [first = '', ...rest] = [...sign];
  return first + modifier + rest.join('').replace(/^\ufe0f/, '');
}
