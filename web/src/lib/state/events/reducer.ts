/**
 * From the socket to the state: every event of the server, and what it changes. An event that is not decided here, or that
 * the server does not have, does not compile (`api/events.generated.ts`).
 */
import type { EventName, Frame, ServerEvent } from '../../api/events.generated';
import * as account from './account';
import * as channel from './channel';
import * as places from './places';
import * as post from './post';
import * as team from './team';

type Reducer = { [Name in EventName]: (event: ServerEvent<Name>) => void | Promise<void> };

/** Nothing that is kept here depends on it. */
const ignore = (): void => {};

const reducer: Reducer = {
  posted: post.posted,
  ephemeral_message: post.shownToUs,
  post_edited: post.edited,
  post_deleted: post.deleted,
  reaction_added: post.reactionAdded,
  reaction_removed: post.reactionRemoved,

  channel_created: channel.changed,
  channel_converted: channel.changed,
  channel_restored: channel.changed,
  channel_updated: channel.updated,
  channel_deleted: channel.deleted,
  channel_scheme_updated: channel.schemeUpdated,
  channel_member_updated: channel.memberUpdated,
  channel_viewed: channel.viewed,
  post_unread: channel.unread,
  direct_added: channel.begun,
  group_added: channel.begun,
  user_added: channel.memberAdded,
  user_removed: channel.memberRemoved,

  added_to_team: team.joined,
  leave_team: team.left,
  update_team: team.updated,
  delete_team: team.deleted,
  restore_team: places.read,
  memberrole_updated: team.memberUpdated,
  // The roles of everybody in it have other names now.
  update_team_scheme: places.read,

  new_user: account.created,
  user_updated: account.updated,
  user_role_updated: account.rolesChanged,
  user_activation_status_change: ignore,
  role_updated: account.roleUpdated,
  preferences_changed: account.preferencesSet,
  preferences_deleted: account.preferencesUnset,
  typing: account.types,
  status_change: account.present,
  statuses_change: account.allPresent,
  emoji_added: account.emojiAdded,

  // The socket has read it.
  hello: ignore,
  // There are no categories in this sidebar.
  sidebar_category_updated: ignore,
};

/** Hands an event to whom it concerns. What fails is left as it was; the next resynchronisation puts it right. */
export function dispatch(frame: Frame): void {
  if (isKnown(frame)) void reduce(frame).catch(() => {});
  // A page that was loaded before the server was renewed.
  else console.debug('event that is not known', frame.event); // eslint-disable-line no-console
}

/** The state after an event; it rejects where the server has to be asked and does not answer. */
export async function reduce<Name extends EventName>(event: ServerEvent<Name>): Promise<void> {
  await reducer[event.event](event);
}

function isKnown(frame: Frame): frame is ServerEvent {
  return Object.hasOwn(reducer, frame.event);
}
