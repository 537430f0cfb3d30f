import { describe, expect, it } from 'vitest';
import { formatRoute, parseRoute } from '../src/lib/router/routes';
import { slugify } from '../src/lib/state/teams.svelte';

describe('addresses', () => {
  it.each([
    '',
    'login',
    'login?redirect_to=a%2Fchannels%2Fb',
    'signup?iid=abc',
    'signup_user_complete?d=%7B%22email%22%3A%22ann%2Bx%40example.com%22%7D&t=abc',
    'select-team',
    'create-team',
    'admin_console',
    'admin_console/people',
    'ops',
    'ops/channels/town-square',
    'ops/messages/@ann.lee',
    'ops/pl/xyz',
    'ops/emoji',
    'reset_password',
    'reset_password_complete?token=a%2Bb',
    'do_verify_email?token=abc&email=ann%2Bx%40example.com',
    'should_verify_email?email=ann%40example.com',
  ])('"%s" is read and written alike', (path) => {
    const [name, search] = path.split('?');
    expect(formatRoute(parseRoute(name!, search))).toBe(path);
  });

  it('reads what was mailed, whatever else the link shows', () => {
    const shown = new URLSearchParams({ d: '{"display_name":"The House","email":"a@b.c","name":"house"}', t: 'abc' });
    expect(parseRoute('signup_user_complete/', shown.toString())).toEqual({
      page: 'signup',
      inviteId: '',
      token: 'abc',
      email: 'a@b.c',
    });
    for (const junk of ['d=nonsense&t=abc', 'd=%7B%22email%22%3A1%7D&t=abc', 't=abc', 'd=null&t=abc'])
      expect(parseRoute('signup_user_complete', junk)).toMatchObject({ token: 'abc', email: '' });
  });

  it('does not fail on nonsense', () => {
    expect(parseRoute('/%E0%A4%A/channels/x').page).toBe('channel');
    expect(parseRoute('/a/b/c/d').page).toBe('unknown');
  });

  it('leaves the pages of other organisations to them', () => {
    expect(parseRoute('o/acme/forge/channels/anvil').page).toBe('unknown');
    expect(parseRoute('o/channels/forge').page).toBe('unknown');
  });

  it('makes addresses of names', () => {
    expect(slugify('  Ops & Bar! ')).toBe('ops-bar');
    expect(slugify('Größe')).toBe('gro-e');
  });
});
