/** Invitations by mail: what people type becomes addresses, and each address is told how it went. */
import { client } from './api/client';
import * as m from './messages';

/** Addresses that the server takes in one request. */
export const MOST = 20;

/** Characters of a message in an invitation. */
export const LONGEST = 1000;

export interface Outcome {
  email: string;
  /** Why nothing was mailed; empty where it was. */
  problem: string;
}

/** The addresses in a text, each once: parted by spaces, commas or semicolons, and with or without names before them. */
export function addresses(text: string): string[] {
  const named = /<([^<>\s]+@[^<>\s]+)>/g;
  const inBrackets = [...text.matchAll(named)].map((match) => match[1]!);
  // In `Ann Lee <ann@example.com>` only what is in brackets is an address.
  const rest = text.replace(/[^,;<>\n]*<[^<>]*>/g, ' ').split(/[\s,;]+/);
  return [...new Set([...inBrackets, ...rest].map((word) => word.trim().toLowerCase()).filter(Boolean))];
}

/** As what people are invited. */
export type Kind = 'member' | 'guest';

export interface Invitation {
  kind: Kind;
  emails: string[];
  /** For guests: all that they will see, and at least one. */
  channelIds: string[];
  /** What is said to them in the letter; may be empty. */
  message: string;
}

/** Mails an invitation into the team to each. */
export async function invite(teamId: string, { kind, emails, channelIds, message }: Invitation): Promise<Outcome[]> {
  if (emails.length > MOST) throw new Error(m.invite_too_many({ most: MOST }));
  const send = {
    member: client.sendEmailInvitesToTeamAndChannelsGracefully,
    guest: client.sendEmailGuestInvitesToChannelsGracefully,
  }[kind];
  const told = await send(teamId, channelIds, emails, message);
  return told.map(({ email, error }) => ({ email, problem: error ? error.message || m.invite_not_sent() : '' }));
}
