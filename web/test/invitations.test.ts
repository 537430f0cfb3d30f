import { afterEach, describe, expect, it, vi } from 'vitest';
import { client } from '../src/lib/api/client';
import { addresses, invite } from '../src/lib/invitations';

describe('invitations by mail', () => {
  afterEach(() => vi.restoreAllMocks());

  it.each([
    ['', []],
    [' ann@example.com ', ['ann@example.com']],
    [
      'ann@example.com, Bob@Example.com;cid@example.com\nann@example.com',
      ['ann@example.com', 'bob@example.com', 'cid@example.com'],
    ],
    ['Ann Lee <ann@example.com>, "Bob" <bob@example.com>', ['ann@example.com', 'bob@example.com']],
    ['Ann <ann@example.com>, nonsense', ['ann@example.com', 'nonsense']],
  ])('"%s" is read as people write addresses', (text, found) => {
    expect(addresses(text)).toEqual(found);
  });

  it('say of each how it went', async () => {
    const told = [
      { email: 'ann@example.com', error: null },
      { email: 'nonsense', error: { message: 'Invalid email.' } },
    ];
    const asked = vi.spyOn(client, 'sendEmailInvitesToTeamAndChannelsGracefully').mockResolvedValue(told as never);
    const emails = ['ann@example.com', 'nonsense'];
    expect(await invite('t', { kind: 'member', emails, channelIds: [], message: 'Come in' })).toEqual([
      { email: 'ann@example.com', problem: '' },
      { email: 'nonsense', problem: 'Invalid email.' },
    ]);
    expect(asked).toHaveBeenCalledWith('t', [], emails, 'Come in');
  });

  it('of guests lead into channels', async () => {
    const told = [{ email: 'gus@example.com', error: null }];
    const members = vi.spyOn(client, 'sendEmailInvitesToTeamAndChannelsGracefully');
    const guests = vi.spyOn(client, 'sendEmailGuestInvitesToChannelsGracefully').mockResolvedValue(told as never);
    const emails = ['gus@example.com'];
    await invite('t', { kind: 'guest', emails, channelIds: ['c'], message: '' });
    expect(guests).toHaveBeenCalledWith('t', ['c'], emails, '');
    expect(members).not.toHaveBeenCalled();
  });

  it('are not asked for too many at a time', async () => {
    const asked = vi.spyOn(client, 'sendEmailInvitesToTeamAndChannelsGracefully');
    const emails = Array.from({ length: 21 }, (_, n) => `p${n}@example.com`);
    await expect(invite('t', { kind: 'member', emails, channelIds: [], message: '' })).rejects.toThrow('at most 20');
    expect(asked).not.toHaveBeenCalled();
  });
});
