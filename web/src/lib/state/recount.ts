/**
 * What is unread after a deletion: only the server knows whether what is gone was read, and named us. It is asked once for
 * a burst of deletions, and not at all of channels where nothing is unread.
 */
import type { ChannelMembership } from '@mattermost/types/channels';
import { client } from '../api/client';
import { channels } from './channels.svelte';
import { session } from './session.svelte';

const GATHER_MS = 300;
/** For more channels than that, all are asked for in one request. */
const MOST = 10;

class Recount {
  #wanted = new Set<string>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Sees to it that the counts of a channel are those of the server. */
  need(channelId: string): void {
    if (!hasUnread(channelId)) return;
    this.#wanted.add(channelId);
    this.#timer ??= setTimeout(() => void this.#ask(), GATHER_MS);
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#wanted.clear();
  }

  async #ask(): Promise<void> {
    const ids = [...this.#wanted].filter(hasUnread);
    this.clear();
    const before = new Map(ids.map((id) => [id, state(id)]));
    for (const member of await membersOf(ids)) {
      const id = member.channel_id;
      // Something was read or written meanwhile, which may be in the answer or not.
      if (!isSame(before.get(id), state(id))) this.need(id);
      else channels.myMembers.set(id, { ...channels.myMembers.get(id), ...member });
    }
  }
}

export const recount = new Recount();

function hasUnread(id: string): boolean {
  const { channel, member } = state(id);
  return Boolean(channel && member && (member.mention_count > 0 || channel.total_msg_count > member.msg_count));
}

/** Each change of a count makes new objects. */
function state(id: string) {
  return { channel: channels.byId.get(id), member: channels.myMembers.get(id) };
}

function isSame(a: ReturnType<typeof state> | undefined, b: ReturnType<typeof state>): boolean {
  return a !== undefined && a.channel === b.channel && a.member === b.member;
}

/** Without those that cannot be had now: they are right after the next reading. */
async function membersOf(ids: readonly string[]): Promise<ChannelMembership[]> {
  if (ids.length > MOST) {
    const all = await client.getAllChannelsMembers(session.myId, -1).catch(() => []);
    return all.filter(({ channel_id }) => ids.includes(channel_id));
  }
  const asked = await Promise.allSettled(ids.map((id) => client.getMyChannelMember(id)));
  return asked.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
}
