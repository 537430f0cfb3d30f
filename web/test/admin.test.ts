import { describe, expect, it } from 'vitest';
import { inWords } from '../src/lib/admin/audits';
import { domainList, wholeNumber } from '../src/lib/admin/organisation';
import { groupsFor, scopeOf, toggled } from '../src/lib/admin/permissions';
import { isGuest, rolesInWords, withGiven } from '../src/lib/admin/roles';
import { Paged, PAGE } from '../src/lib/state/paged.svelte';

describe('roles of a person', () => {
  it.each([
    ['system_user', 'Member'],
    ['system_guest', 'Guest'],
    ['system_user system_admin system_manager', 'Administrator'],
    ['system_user system_manager system_user_access_token', 'Manager, Access tokens'],
  ])('%s is %s', (roles, words) => expect(rolesInWords(roles)).toBe(words));

  it('are changed as far as there are words for them', () => {
    expect(withGiven('system_user system_admin', [])).toBe('system_user');
    expect(withGiven('system_user special_role', ['system_manager'])).toBe('system_user special_role system_manager');
    expect(withGiven('', ['system_admin'])).toBe('system_user system_admin');
    expect(withGiven('system_guest', [])).toBe('system_guest');
    expect(isGuest('system_guest')).toBe(true);
    expect(isGuest('system_user')).toBe(false);
  });
});

describe('permissions of a role', () => {
  const names = (scope: 'system' | 'team' | 'channel') =>
    groupsFor(scope).flatMap(([, list]) => list.map(([name]) => name));

  it('are those that mean something in its place', () => {
    expect(scopeOf('system_user')).toBe('system');
    expect(scopeOf('team_admin')).toBe('team');
    expect(scopeOf('channel_guest')).toBe('channel');
    expect(names('channel')).toContain('create_post');
    expect(names('channel')).toContain('manage_private_channel_members');
    expect(names('channel')).not.toContain('create_public_channel');
    expect(names('channel')).not.toContain('create_team');
    expect(names('team')).toContain('create_public_channel');
    expect(names('team')).toContain('delete_others_posts');
    expect(names('team')).not.toContain('create_direct_channel');
    expect(names('system')).toContain('create_team');
  });

  it('are in one group only', () => {
    expect(new Set(names('system')).size).toBe(names('system').length);
  });

  it('are given and taken one by one, and leave the others alone', () => {
    expect(toggled(['a', 'hidden'], 'b', true)).toEqual(['a', 'hidden', 'b']);
    expect(toggled(['a', 'b'], 'b', true)).toEqual(['a', 'b']);
    expect(toggled(['a', 'hidden'], 'a', false)).toEqual(['hidden']);
  });
});

describe('forms', () => {
  it('read domains as people type them', () => {
    expect(domainList(' @Example.com, example.org;example.com\n')).toEqual(['example.com', 'example.org']);
    expect(domainList('')).toEqual([]);
  });

  it('read numbers, and tell nonsense apart', () => {
    expect(wholeNumber(' 30 ')).toBe(30);
    expect(wholeNumber('')).toBe(0);
    for (const text of ['-1', '1.5', 'many', '1e9', '9'.repeat(20)]) expect(wholeNumber(text)).toBeNaN();
  });
});

describe('the audit log', () => {
  it.each([
    ['/api/v4/users/login', 'Log in'],
    ['/api/v4/users/abc/roles', 'Change roles'],
    ['/api/v4/users/active', 'Activate or deactivate'],
    ['/api/v4/users/password', 'Change a password'],
    ['/api/v4/users/password/reset', 'Set a forgotten password anew'],
    ['/api/v4/users/abc/active', 'Activate or deactivate'],
    ['/api/v4/users/abc/sessions/revoke/all', 'End sessions'],
    ['/api/v4/users/login/switch', 'Change the way to log in'],
    ['/api/v4/users/patch', 'Change a profile'],
    ['/api/v4/teams', 'Create a team'],
    ['/api/v4/teams/members/add', 'Add to a team'],
    ['/api/v4/teams/invite/email', 'Invite by mail'],
    ['/api/v4/teams/invite-guests/email', 'Invite guests by mail'],
    ['/api/v4/teams/abc/invite-guests/email', 'Invite guests by mail'],
    ['/api/v4/teams/invites/email', 'Withdraw invitations'],
    ['/api/v4/teams/members/invite', 'Join a team by an invitation'],
    ['/api/v4/teams/privacy', 'Change a team'],
    ['/api/v4/channels/archive', 'Archive a channel'],
    ['PUT /api/v4/something/new', '/something/new'],
  ])('says of %s: %s', (action, words) => expect(inWords(action)).toBe(words));
});

describe('a list in pages', () => {
  it('shows what was asked for last, whichever answer comes last', async () => {
    const answers: ((list: number[]) => void)[] = [];
    const list = new Paged<number>(() => new Promise((resolve) => answers.push(resolve)));
    const first = list.load(0);
    const second = list.load(1);
    answers[1]?.([2]);
    answers[0]?.([1]);
    await Promise.all([first, second]);
    expect([list.list, list.page, list.more]).toEqual([[2], 1, false]);
  });

  it('knows whether more follows, and keeps what it has when something fails', async () => {
    let fails = false;
    const list = new Paged<number>(async (_, size) => {
      if (fails) throw new Error('No.');
      return Array.from({ length: size }, (_, n) => n);
    });
    await list.load();
    expect([list.list.length, list.more, list.fresh]).toEqual([PAGE, true, false]);
    fails = true;
    await list.load(1);
    expect([list.problem, list.page, list.list.length]).toEqual(['No.', 0, PAGE]);
  });
});
