import { afterEach, describe, expect, it, vi } from 'vitest';
import { client } from '../src/lib/api/client';
import { addresses, inviteByMail } from '../src/lib/invitations';

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
    const asked = vi.spyOn(client, 'sendEmailInvitesToTeamGracefully').mockResolvedValue(told as never);
    expect(await inviteByMail('t', ['ann@example.com', 'nonsense'])).toEqual([
      { email: 'ann@example.com', problem: '' },
      { email: 'nonsense', problem: 'Invalid email.' },
    ]);
    expect(asked).toHaveBeenCalledWith('t', ['ann@example.com', 'nonsense']);
  });

  it('are not asked for too many at a time', async () => {
    const asked = vi.spyOn(client, 'sendEmailInvitesToTeamGracefully');
    await expect(
      inviteByMail(
        't',
        Array.from({ length: 21 }, (_, n) => `p${n}@example.com`),
      ),
    ).rejects.toThrow('at most 20');
    expect(asked).not.toHaveBeenCalled();
  });
});
