/** What the text field offers to complete, and how it is put in. Finding the token is pure; people are asked for. */
import { client } from '../../lib/api/client';
import { emoji } from '../../lib/emoji/emoji.svelte';
import { isCode } from '../../lib/markdown/code';
import * as m from '../../lib/messages';
import { channels } from '../../lib/state/channels.svelte';
import { displayName, users } from '../../lib/state/users.svelte';
import { workspace } from '../../lib/state/workspace.svelte';

export interface Token {
  kind: '@' | '~' | ':';
  text: string;
}
export interface Suggestion {
  key: string;
  sign: string;
  /** A picture in place of the sign. */
  src?: string;
  title: string;
  note: string;
  insert: string;
}

/** Behind a blank, an opening sign, or what is not ASCII: many scripts have no blanks between words. */
const PATTERN = /(?:^|[\s([{"'/,;]|[^\p{ASCII}])([@＠~:])([a-z0-9._+-]*)$/iu;
/** No name is longer. */
const LONGEST = 100;
const MOST = 8;

/** The token that ends at the caret, if it is one that can be completed: what stands in code is only shown. */
export function tokenAt(text: string, caret: number): Token | null {
  const match = PATTERN.exec(text.slice(Math.max(0, caret - LONGEST), caret));
  if (!match || isCode(text, caret - (match[2] ?? '').length - 1)) return null;
  const kind = (match[1] === '＠' ? '@' : match[1]) as Token['kind'];
  const token = { kind, text: (match[2] ?? '').toLowerCase() };
  // One letter after a colon is more often a face than the beginning of a name.
  return kind === ':' && token.text.length < 2 ? null : token;
}

export function replaceToken(text: string, caret: number, insert: string): { text: string; caret: number } {
  const from = Math.max(0, caret - LONGEST);
  const before = text.slice(0, from) + text.slice(from, caret).replace(/[@＠~:][a-z0-9._+-]*$/i, '') + insert;
  return { text: before + text.slice(caret).replace(/^ /, ''), caret: before.length };
}

export function complete(token: Token, channelId: string): Promise<Suggestion[]> | Suggestion[] {
  if (token.kind === '@') return people(token.text, channelId);
  return token.kind === '~' ? places(token.text) : faces(token.text);
}

async function people(text: string, channelId: string): Promise<Suggestion[]> {
  let list = [...users.byId.values()].filter((user) => user.username.startsWith(text));
  try {
    const teamId = workspace.team?.id ?? '';
    const found = await client.autocompleteUsers(text, teamId, channelId, { limit: MOST });
    list = [...found.users, ...(found.out_of_channel ?? [])];
    users.add(list);
  } catch {
    // Those whom we know already will do.
  }
  const everyone = ['here', 'channel', 'all']
    .filter((name) => text && name.startsWith(text))
    .map((name) => ({ key: name, sign: '@', title: `@${name}`, note: m.composer_everyone(), insert: `@${name} ` }));
  const named = list.map((user) => ({
    key: user.id,
    sign: '@',
    title: user.username,
    note: displayName(user) === user.username ? '' : displayName(user),
    insert: `@${user.username} `,
  }));
  return [...named.slice(0, MOST), ...everyone];
}

function places(text: string): Suggestion[] {
  return channels
    .ofTeam(workspace.team?.id ?? '')
    .filter(({ name, display_name }) => name.startsWith(text) || display_name.toLowerCase().startsWith(text))
    .slice(0, MOST)
    .map(({ id, name, display_name }) => ({
      key: id,
      sign: '~',
      title: display_name,
      note: name,
      insert: `~${name} `,
    }));
}

function faces(text: string): Suggestion[] {
  return emoji.search(text, MOST).map(({ emoji: sign, src, name }) => ({
    key: name,
    sign,
    src,
    title: `:${name}:`,
    note: '',
    insert: `:${name}: `,
  }));
}
