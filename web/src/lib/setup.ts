/**
 * The setup secret in the link with which an organisation's first account is made: behind the `#`, which no server's log
 * sees, or in the query.
 */
export function setupIn(hash: string, search: string): string {
  const inHash = new URLSearchParams(hash.replace(/^#/, '')).get('setup');
  return (inHash ?? new URLSearchParams(search).get('setup') ?? '').trim();
}
