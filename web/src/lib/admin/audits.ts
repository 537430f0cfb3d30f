/** Entries of the audit log in words. Pure. */

export const OUTCOMES = [
  ['', 'anything'],
  ['success', 'Done'],
  ['fail', 'Failed'],
  ['refused', 'Refused'],
] as const;

/** What the paths of operations mean; the first that fits. Others are shown as they are. */
const MEANINGS: [RegExp, string][] = [
  [/^\/users\/login\/switch/, 'Change the way to log in'],
  [/^\/users\/login/, 'Log in'],
  [/^\/signup\/openid/, 'Log in by single sign-on'],
  [/^\/users\/logout/, 'Log out'],
  [/^\/users\/password\/reset\/send/, 'Ask for a new password'],
  [/^\/users\/password\/reset/, 'Set a forgotten password anew'],
  [/^\/users\/(?:[^/]+\/)?password$/, 'Change a password'],
  [/^\/users\/(?:[^/]+\/)?mfa/, 'Change the second factor'],
  [/^\/users\/(?:[^/]+\/)?sessions\/revoke/, 'End sessions'],
  [/^\/users\/(?:[^/]+\/)?roles$/, 'Change roles'],
  [/^\/users\/(?:[^/]+\/)?active$/, 'Activate or deactivate'],
  [/^\/users\/(?:[^/]+\/)?(promote|demote)$/, 'Make a guest or a member'],
  [/^\/users\/(?:[^/]+\/)?tokens/, 'Change access tokens'],
  [/^\/users\/(?:[^/]+\/)?email/, 'Change or confirm an address'],
  [/^\/users\/(?:[^/]+\/)?patch/, 'Change a profile'],
  [/^\/users\/(?:[^/]+\/)?image/, 'Change a picture'],
  [/^\/users(\/create)?$/, 'Create an account'],
  [/^\/bots|convert_to_bot$/, 'Change bots'],
  [/^\/roles/, 'Change what a role may do'],
  [/^\/schemes|\/scheme$/, 'Change schemes'],
  [/^\/organizations/, 'Change organisations'],
  [/^\/teams$/, 'Create a team'],
  [/^\/teams\/archive/, 'Archive a team'],
  [/^\/teams\/restore/, 'Restore a team'],
  [/^\/teams\/(?:[^/]+\/)?invite-guests/, 'Invite guests by mail'],
  [/^\/teams\/(?:[^/]+\/)?invite\/email/, 'Invite by mail'],
  [/^\/teams\/invites\/email/, 'Withdraw invitations'],
  [/^\/teams\/members\/invite/, 'Join a team by an invitation'],
  [/^\/teams\/members\/add/, 'Add to a team'],
  [/^\/teams\/members\/remove/, 'Remove from a team'],
  [/^\/teams\/members\/roles/, 'Change roles in a team'],
  [/^\/teams\/image/, 'Change the icon of a team'],
  [/^\/teams/, 'Change a team'],
  [/^\/channels\/archive/, 'Archive a channel'],
  [/^\/channels\/restore/, 'Restore a channel'],
  [/^\/channels\/members\/add/, 'Add to a channel'],
  [/^\/channels\/members\/remove/, 'Remove from a channel'],
  [/^\/channels\/members\/roles/, 'Change roles in a channel'],
  [/^\/channels/, 'Change a channel'],
  [/^\/posts\/delete/, 'Delete a message'],
  [/^\/posts\/patch/, 'Edit a message'],
  [/^\/emoji\/delete/, 'Delete a custom emoji'],
  [/^\/files/, 'Make a public link to a file'],
];

export function inWords(action: string): string {
  const path = action.replace(/^[A-Z]+ /, '').replace(/^\/api\/v4/, '');
  return MEANINGS.find(([pattern]) => pattern.test(path))?.[1] ?? path;
}
