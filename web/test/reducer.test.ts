import type { ChannelMembership } from '@mattermost/types/channels';
import type { Team } from '@mattermost/types/teams';
import type { UserProfile } from '@mattermost/types/users';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { client } from '../src/lib/api/client';
import type { EventName, Frame, ServerEvent } from '../src/lib/api/events.generated';
import { NetworkError } from '../src/lib/api/errors';
import { channels, type Channel } from '../src/lib/state/channels.svelte';
import { dispatch, reduce } from '../src/lib/state/events/reducer';
import { posts } from '../src/lib/state/posts.svelte';
import { preferences } from '../src/lib/state/preferences.svelte';
import { presence, typing } from '../src/lib/state/presence.svelte';
import { session } from '../src/lib/state/session.svelte';
import { teams } from '../src/lib/state/teams.svelte';
import { users } from '../src/lib/state/users.svelte';
import { frames } from './frames.generated';

/** The identifier of everything in the frames. */
const ID = 'y'.repeat(26);

const isMe = (id: string) => (session.me = { id, username: 'me', roles: '' } as UserProfile);
const first = <Name extends EventName>(name: Name): ServerEvent<Name> => frames[name][0]!;
const asked = vi.fn(() => Promise.reject(new TypeError('away')));

/** A member of the channel that the frames are about. */
function know(): void {
  const counts = { msg_count: 8, mention_count: 3, last_viewed_at: 9 };
  channels.byId.set(ID, { id: ID, display_name: 'old', team_id: ID, delete_at: 0, total_msg_count: 10 } as Channel);
  channels.myMembers.set(ID, { channel_id: ID, user_id: 'me', roles: '', ...counts } as ChannelMembership);
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('fetch', asked.mockClear());
  localStorage.clear();
  isMe('me');
});
afterEach(() => {
  for (const store of [channels, posts, teams, users, preferences]) store.clear();
  vi.clearAllTimers();
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

describe('every event as the server encodes it', () => {
  const all = Object.values(frames).flat() as ServerEvent[];

  it.each(all.map((frame) => [frame.event, frame] as const))('%s', async (_, frame) => {
    for (const known of [true, false]) {
      if (known) know();
      else channels.clear();
      // The server may be away; nothing else may fail.
      await reduce(frame).catch((error: unknown) => expect(error).toBeInstanceOf(NetworkError));
    }
  });
});

it('ignores what it does not know', () => {
  const note = vi.spyOn(console, 'debug').mockImplementation(() => {});
  for (const event of ['multiple_channels_viewed', 'constructor']) {
    dispatch({ ...first('hello'), event } as Frame);
    expect(note).toHaveBeenLastCalledWith(expect.any(String), event);
  }
  expect(asked).not.toHaveBeenCalled();
});

it('leaves things as they were where the server does not answer', async () => {
  know();
  dispatch(first('channel_converted'));
  await vi.runAllTimersAsync();
  expect(asked).toHaveBeenCalled();
  expect(channels.byId.get(ID)?.display_name).toBe('old');
});

describe('channels', () => {
  it('are changed for their members only', async () => {
    await reduce(first('channel_updated'));
    expect(channels.byId.has(ID)).toBe(false);
    know();
    await reduce(first('channel_updated'));
    expect(channels.byId.get(ID)?.display_name).toBe('word');
  });

  it('go when one was removed, and stay when others were', async () => {
    const forMembers = frames.user_removed.find(({ data }) => 'user_id' in data)!;
    const forTheOne = frames.user_removed.find(({ data }) => 'channel_id' in data)!;
    know();
    await reduce(forMembers);
    expect(channels.byId.has(ID)).toBe(true);
    await reduce(forTheOne);
    expect(channels.byId.has(ID)).toBe(false);
    isMe(ID);
    know();
    await reduce(forMembers);
    expect(channels.byId.has(ID)).toBe(false);
  });

  it('are unread again from where one marked them', async () => {
    know();
    await reduce(first('post_unread'));
    expect(channels.myMembers.get(ID)).toMatchObject({ msg_count: 1, mention_count: 1, last_viewed_at: 1 });
  });

  it('count what is posted', async () => {
    know();
    await reduce(first('posted'));
    expect(channels.byId.get(ID)?.total_msg_count).toBe(11);
  });
});

it('brings a team back that is restored', async () => {
  const team = { id: ID, display_name: 'word', delete_at: 0 } as Team;
  vi.spyOn(client, 'getMyTeams').mockResolvedValue([team]);
  vi.spyOn(client, 'getMyTeamMembers').mockResolvedValue([]);
  vi.spyOn(client, 'getAllTeamsChannels').mockResolvedValue([]);
  vi.spyOn(client, 'getAllChannelsMembers').mockResolvedValue([]);
  teams.set(team);
  await reduce(first('delete_team'));
  expect(teams.byId.has(ID)).toBe(false);
  await reduce(first('restore_team'));
  expect(teams.byId.has(ID)).toBe(true);
});

describe('accounts', () => {
  it('have the names, presence and preferences that are told', async () => {
    await reduce(first('user_updated'));
    await reduce(first('status_change'));
    await reduce(first('preferences_changed'));
    await reduce(first('typing'));
    expect(users.byId.get(ID)?.username).toBe('word');
    expect(presence.get(ID)).toBe('away');
    expect(preferences.get('word', 'word')).toBe('word');
    expect(typing.in(ID, '')).toEqual([ID]);
  });

  it('change for oneself too', async () => {
    isMe(ID);
    await reduce(first('user_updated'));
    expect(session.me?.username).toBe('word');
  });
});
