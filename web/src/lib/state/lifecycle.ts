/**
 * From login to logout: what is loaded and started when a session begins, what is fetched again when events were missed,
 * and what is forgotten at the end. The only module that knows all stores.
 */
import { client, whenSessionLost } from '../api/client';
import { emoji } from '../emoji/emoji.svelte';
import { activity } from './activity';
import { attachments } from './attachments.svelte';
import { channels } from './channels.svelte';
import { connection } from './connection.svelte';
import { drafts } from './drafts.svelte';
import { arrive } from './events/post';
import { dispatch } from './events/reducer';
import { groups } from './groups.svelte';
import { outbox } from './outbox.svelte';
import { outsiders } from './outsiders.svelte';
import { permissions } from './permissions.svelte';
import { posts } from './posts.svelte';
import { preferences } from './preferences.svelte';
import { presence } from './presence.svelte';
import { reading } from './reading.svelte';
import { recount } from './recount';
import { sending } from './sending.svelte';
import { session } from './session.svelte';
import { teams } from './teams.svelte';
import { attempt } from './toasts.svelte';
import { ui } from './ui.svelte';
import { users } from './users.svelte';
import { workspace } from './workspace.svelte';

whenSessionLost(() => {
  if (session.phase === 'in') session.lost();
});
outbox.onSent = (post) => {
  arrive(post, false);
  // That it is not known is no reason to disturb anybody.
  void outsiders.look(post).catch(() => {});
};
connection.onEvent = dispatch;
connection.onMissed = () => void attempt(resync);
connection.onLost = () => posts.noteGap();
connection.onOpen = () => {
  outbox.flush();
  activity.renew();
  presence.refresh();
  reading.announce();
  workspace.again();
};
// A short break the socket may sleep through.
addEventListener('online', () => workspace.again());
// A dead session shows as a socket that cannot be opened; only a request tells the two apart.
connection.onFailing = () => void client.getMe().catch(() => {});

/** Begins with what is needed to draw the sidebar. The socket is opened first: nothing may fall in between. */
export async function begin(): Promise<void> {
  if (session.me) users.add([session.me]);
  drafts.open(session.myId);
  attachments.open(session.myId);
  connection.start();
  activity.start();
  presence.start();
  const { myId } = session;
  await loadLists();
  // It may be over before it has begun.
  if (session.myId === myId) outbox.open();
}

export function end(): void {
  activity.stop();
  connection.stop();
  presence.stop();
  reading.leave();
  reading.forget();
  for (const store of [channels, groups, teams, posts, users, emoji, permissions, preferences, outsiders, recount, ui])
    store.clear();
  sending.close();
  outbox.close();
  drafts.close();
  attachments.close();
}

async function loadLists(): Promise<void> {
  await Promise.all([teams.load(), channels.load(), preferences.load().catch(() => {})]);
  // Without them the client offers less; nothing else depends on them.
  await permissions.load(true).catch(() => {});
  if (session.config.EnableCustomEmoji === 'true') void emoji.loadCustom().catch(() => {});
}

async function resync(): Promise<void> {
  await loadLists();
  if (reading.channelId) await posts.catchUp(reading.channelId, ui.threadId);
  reading.looked();
}
