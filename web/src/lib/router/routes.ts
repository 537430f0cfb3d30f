/**
 * The addresses of the client, as a type with a parser and a formatter. Pure: no history, no window. They are the
 * addresses that other clients of this protocol use too, so that links which people paste keep working.
 */
export type Route =
  | { page: 'home' }
  | { page: 'login'; redirect?: string }
  /** With the code of a team, or with what was mailed and to which address. */
  | { page: 'signup'; inviteId: string; token?: string; email?: string }
  | { page: 'forgot-password' }
  | { page: 'reset-password'; token: string }
  | { page: 'verify-email'; token: string; email: string }
  | { page: 'select-team' }
  | { page: 'create-team' }
  | { page: 'admin'; section: string }
  | { page: 'team'; team: string }
  | { page: 'channel'; team: string; channel: string }
  | { page: 'direct'; team: string; username: string }
  | { page: 'emoji'; team: string }
  | { page: 'permalink'; team: string; postId: string }
  | { page: 'unknown'; path: string };

/** Reads a path (below the base, with or without a leading slash) and its query. */
export function parseRoute(path: string, search = ''): Route {
  const query = new URLSearchParams(search);
  const parts = path.split('/').filter(Boolean).map(decode);
  const [first, second, third] = parts;
  if (!first) return { page: 'home' };
  // Another organisation: its pages are loaded from its own base.
  if (first === 'o' && second) return { page: 'unknown', path };
  // No team can be called so.
  if (first === 'admin_console') return { page: 'admin', section: second ?? '' };
  if (parts.length === 1) {
    if (first === 'login') return { page: 'login', redirect: query.get('redirect_to') ?? undefined };
    if (first === 'signup' || first === 'signup_user_complete') {
      const token = query.get('t');
      if (token) return { page: 'signup', inviteId: '', token, email: emailIn(query.get('d')) };
      return { page: 'signup', inviteId: query.get('iid') ?? query.get('id') ?? '' };
    }
    if (first === 'reset_password') return { page: 'forgot-password' };
    if (first === 'reset_password_complete') return { page: 'reset-password', token: query.get('token') ?? '' };
    if (first === 'do_verify_email' || first === 'should_verify_email') {
      return { page: 'verify-email', token: query.get('token') ?? '', email: query.get('email') ?? '' };
    }
    if (first === 'select-team' || first === 'select_team') return { page: 'select-team' };
    if (first === 'create-team' || first === 'create_team') return { page: 'create-team' };
    return { page: 'team', team: first };
  }
  if (second === 'emoji' && parts.length === 2) return { page: 'emoji', team: first };
  if (third && parts.length === 3) {
    if (second === 'channels') return { page: 'channel', team: first, channel: third };
    if (second === 'messages') {
      if (third.startsWith('@')) return { page: 'direct', team: first, username: third.slice(1) };
      return { page: 'channel', team: first, channel: third };
    }
    if (second === 'pl') return { page: 'permalink', team: first, postId: third };
  }
  return { page: 'unknown', path };
}

/** The path of a route, without a leading slash: it is meant to be resolved against the base. */
export function formatRoute(route: Route): string {
  switch (route.page) {
    case 'home':
      return '';
    case 'login':
      return route.redirect ? `login?redirect_to=${encodeURIComponent(route.redirect)}` : 'login';
    case 'signup':
      if (route.token) {
        const shown = encodeURIComponent(JSON.stringify({ email: route.email ?? '' }));
        return `signup_user_complete?d=${shown}&t=${encodeURIComponent(route.token)}`;
      }
      return route.inviteId ? `signup?iid=${encodeURIComponent(route.inviteId)}` : 'signup';
    case 'forgot-password':
      return 'reset_password';
    case 'reset-password':
      return `reset_password_complete?token=${encodeURIComponent(route.token)}`;
    case 'verify-email':
      return route.token
        ? `do_verify_email?token=${encodeURIComponent(route.token)}&email=${encodeURIComponent(route.email)}`
        : `should_verify_email?email=${encodeURIComponent(route.email)}`;
    case 'select-team':
    case 'create-team':
      return route.page;
    case 'admin':
      return route.section ? `admin_console/${encodeURIComponent(route.section)}` : 'admin_console';
    case 'team':
      return encodeURIComponent(route.team);
    case 'channel':
      return `${encodeURIComponent(route.team)}/channels/${encodeURIComponent(route.channel)}`;
    case 'direct':
      return `${encodeURIComponent(route.team)}/messages/@${encodeURIComponent(route.username)}`;
    case 'emoji':
      return `${encodeURIComponent(route.team)}/emoji`;
    case 'permalink':
      return `${encodeURIComponent(route.team)}/pl/${encodeURIComponent(route.postId)}`;
    case 'unknown':
      return route.path.replace(/^\//, '');
  }
}

/** To which address an invitation was mailed, as its link says. */
function emailIn(shown: string | null): string {
  try {
    const { email } = JSON.parse(shown ?? '{}') as { email?: unknown };
    return typeof email === 'string' ? email : '';
  } catch {
    return '';
  }
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
