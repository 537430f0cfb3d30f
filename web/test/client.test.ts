import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { client, whenSessionLost } from '../src/lib/api/client';
import { turnOff } from '../src/lib/api/mfa';

describe('a refused request', () => {
  let lost = 0;
  beforeEach(() => {
    lost = 0;
    whenSessionLost(() => lost++);
  });
  afterEach(() => vi.unstubAllGlobals());

  function refuse(status: number, id: string): void {
    const answer = () =>
      new Response(JSON.stringify({ id, message: 'No.', status_code: status }), {
        status,
        headers: { 'Content-Type': 'application/json' },
      });
    vi.stubGlobal(
      'fetch',
      vi.fn(async () => answer()),
    );
  }

  it.each([
    ['a dead session', 401, 'api.context.session_expired.app_error', 1],
    ['a missing second factor', 401, 'api.context.mfa_required.app_error', 0],
    ['a suspended organisation', 403, 'api.organization.suspended.app_error', 1],
    ['a missing permission', 403, 'api.context.permissions.app_error', 0],
  ])('by %s ends the session or not', async (_, status, id, times) => {
    refuse(status, id);
    await expect(client.getMe()).rejects.toMatchObject({ status, id });
    expect(lost).toBe(times);
  });

  it('for a wrong password or code says nothing about the session', async () => {
    refuse(401, 'api.user.login.invalid_credentials_email_username');
    await expect(client.login('ann', 'wrong')).rejects.toThrow('No.');
    refuse(401, 'api.user.check_user_mfa.bad_code.app_error');
    await expect(client.updateUserMfa('a1', true, '000000')).rejects.toThrow('This code is wrong');
    await expect(client.updateUserPassword('a1', 'wrong', 'new')).rejects.toThrow('This code is wrong');
    expect(lost).toBe(0);
  });

  it('to turn the second factor off, by a wrong code or password, does neither', async () => {
    refuse(401, 'api.user.check_user_password.invalid.app_error');
    await expect(turnOff('a1', { password: 'wrong' })).rejects.toThrow('No.');
    refuse(401, 'api.user.check_user_mfa.bad_code.app_error');
    await expect(turnOff('a1', { code: '000000' })).rejects.toThrow('This code is wrong');
    expect(vi.mocked(fetch).mock.calls[0]?.[1]?.body).toBe('{"activate":false,"code":"000000"}');
    expect(lost).toBe(0);
  });
});

describe('the official client', () => {
  it('makes every request that is used through the transport', () => {
    const sources = readdirSync('src', { recursive: true, encoding: 'utf8' })
      .filter((path) => /\.(svelte|ts)$/.test(path))
      .map((path) => readFileSync(join('src', path), 'utf8'));
    const used = new Set(sources.flatMap((code) => [...code.matchAll(/\bclient\.(\w+)/g)].map(([, name]) => name)));
    const calls = Object.entries(client).filter(([name]) => used.has(name));
    expect(calls.length).toBeGreaterThan(50);
    // What the official one does by itself knows nothing of our errors, and not when the session is over.
    expect(calls.filter(([, call]) => /doFetchWithResponse|\bfetch\(/.test(String(call)))).toEqual([]);
  });
});
