import type { Role } from '@mattermost/types/roles';
import type { TeamMembership } from '@mattermost/types/teams';
import type { UserProfile } from '@mattermost/types/users';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { client } from '../src/lib/api/client';
import { query } from '../src/lib/api/own';
import { deviceOf, isCurrent, placeOf } from '../src/lib/state/devices';
import { permissions } from '../src/lib/state/permissions.svelte';
import { session } from '../src/lib/state/session.svelte';
import { teams } from '../src/lib/state/teams.svelte';

const role = (name: string, ...permissions: string[]) => ({ name, permissions }) as Role;

describe('sessions', () => {
  it.each([
    [{ browser: 'Firefox/141.0', os: 'Linux' }, '', 'Firefox on Linux'],
    [{ browser: 'Chrome', platform: 'Windows' }, '', 'Chrome on Windows'],
    [{ os: 'Android' }, 'push:abc', 'The app on Android'],
    [{ device_name: 'Kitchen tablet', browser: 'Chrome' }, '', 'Kitchen tablet'],
    [{}, '', 'A browser'],
  ])('%o are called as people call them', (props, device_id, name) => {
    expect(deviceOf({ props, device_id })).toBe(name);
  });

  it('say where from, and which one is ours, if the server does', () => {
    expect(placeOf({ props: { ip_address: '192.0.2.1' }, device_id: '' })).toBe('192.0.2.1');
    expect(placeOf({ props: {}, device_id: '' })).toBe('');
    expect(isCurrent({ props: { current: 'true' } })).toBe(true);
    expect(isCurrent({ props: {} })).toBe(false);
  });
});

describe('permissions', () => {
  beforeEach(() => {
    permissions.clear();
    session.me = { id: 'me', roles: 'system_user' } as UserProfile;
    teams.myMembers.set('t', { team_id: 't', roles: 'team_user team_admin' } as TeamMembership);
  });
  afterEach(() => {
    teams.clear();
    vi.restoreAllMocks();
  });

  it('come from the roles of the account, and of the membership in its place only', async () => {
    const asked = vi
      .spyOn(client, 'getRolesByNames')
      .mockResolvedValue([role('system_user', 'create_team'), role('team_admin', 'manage_team')]);
    await permissions.load();
    expect(asked.mock.calls[0]?.[0].sort()).toEqual(['system_user', 'team_admin', 'team_user']);
    expect(permissions.ofAccount('create_team')).toBe(true);
    expect(permissions.ofAccount('manage_team')).toBe(false);
    expect(permissions.ofTeam('t', 'manage_team')).toBe(true);
    expect(permissions.ofTeam('other', 'manage_team')).toBe(false);
    expect(permissions.ofTeam('other', 'create_team')).toBe(true);
  });

  it('follow a role that is changed', async () => {
    vi.spyOn(client, 'getRolesByNames').mockResolvedValue([role('system_user', 'create_team')]);
    await permissions.load();
    permissions.set(role('system_user'));
    expect(permissions.ofAccount('create_team')).toBe(false);
  });

  it('are none before anything is known', () => {
    expect(permissions.ofAccount('create_team')).toBe(false);
    expect(permissions.any(['create_team', 'manage_system'])).toBe(false);
  });
});

describe('queries', () => {
  it('leave out what is not given', () => {
    expect(query({ page: 0, term: '', action: undefined, of: 'a&b' })).toBe('?page=0&of=a%26b');
    expect(query({})).toBe('');
  });
});
