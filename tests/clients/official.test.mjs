/** The TypeScript client that the web and desktop applications use talks to the server. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { App, PASSWORD, Person, unique, url } from './support.mjs';

describe('the official TypeScript client', () => {
  let ann, bob, team, channel;

  before(async () => {
    ann = await Person.signUp('ann');
    bob = await Person.signUp('bob');
  });

  it('signs up and logs in', async () => {
    assert.match(ann.created.id, /^[a-z0-9]{26}$/);
    assert.equal(ann.created.password, undefined);
    assert.equal(ann.user.id, ann.created.id);
    assert.equal(ann.user.email, `${ann.user.username}@example.com`);
    const me = await ann.client.getMe();
    assert.equal(me.id, ann.id);
    assert.match(me.roles, /\bsystem_user\b/);
  });

  it('is told why a login fails', async () => {
    const stranger = new ann.client.constructor();
    stranger.setUrl(ann.client.getUrl());
    await assert.rejects(stranger.login(ann.user.username, `${PASSWORD}?`), (error) => {
      assert.equal(error.status_code, 401);
      assert.match(error.server_error_id, /^api\.user\.login\./);
      assert.ok(error.message);
      return true;
    });
    await assert.rejects(stranger.getMe(), { status_code: 401 });
  });

  it('reads the settings and the version that the server tells everybody', async () => {
    const config = await ann.client.getClientConfig();
    assert.match(config.Version, /^\d+\.\d+\.\d+/);
    assert.equal((await ann.client.ping(false)).status, 'OK');
    assert.notEqual(ann.client.getServerVersion(), '');
  });

  it('creates a team and brings people in', async () => {
    const name = `crew-${unique()}`;
    team = await ann.client.createTeam({ name, display_name: 'The crew', type: 'O' });
    assert.equal(team.name, name);
    const member = await ann.client.addToTeam(team.id, bob.id);
    assert.deepEqual([member.team_id, member.user_id], [team.id, bob.id]);
    assert.deepEqual(
      (await bob.client.getMyTeams()).map(({ id }) => id),
      [team.id],
    );
    const names = (await bob.client.getMyChannels(team.id)).map((found) => found.name);
    assert.deepEqual(names.sort(), ['off-topic', 'town-square']);
  });

  it('creates a channel and adds a member', async () => {
    channel = await ann.client.createChannel({
      team_id: team.id,
      name: `launch-${unique()}`,
      display_name: 'Launch',
      type: 'O',
    });
    assert.equal(channel.creator_id, ann.id);
    await ann.client.addToChannel(bob.id, channel.id);
    const members = await ann.client.getChannelMembers(channel.id);
    assert.deepEqual(members.map(({ user_id }) => user_id).sort(), [ann.id, bob.id].sort());
    assert.ok((await bob.client.getMyChannels(team.id)).some(({ id }) => id === channel.id));
  });

  it('posts, reads, edits and deletes', async () => {
    const first = await ann.say(channel, 'Shall we launch on *Thursday*?');
    assert.equal(first.user_id, ann.id);
    const second = await bob.say(channel, 'Yes');
    const list = await bob.client.getPosts(channel.id);
    assert.deepEqual(list.order.slice(0, 2), [second.id, first.id]);
    assert.equal(list.posts[first.id].message, 'Shall we launch on *Thursday*?');

    const patched = await ann.client.patchPost({ id: first.id, message: 'Shall we launch on *Friday*?' });
    assert.equal(patched.message, 'Shall we launch on *Friday*?');
    assert.ok(patched.edit_at >= first.create_at);

    await bob.client.deletePost(second.id);
    const later = await ann.client.getPosts(channel.id);
    assert.ok(!later.order.includes(second.id));
    assert.equal(later.posts[first.id].message, patched.message);
    await assert.rejects(bob.client.patchPost({ id: first.id, message: 'mine now' }), { status_code: 403 });
  });

  it('answers in a thread', async () => {
    const root = await ann.say(channel, 'What is left to do?');
    const reply = await bob.say(channel, 'The notes', { root_id: root.id });
    assert.equal(reply.root_id, root.id);
    const thread = await ann.client.getPostThread(root.id);
    assert.deepEqual(Object.keys(thread.posts).sort(), [root.id, reply.id].sort());
    assert.equal(thread.posts[root.id].reply_count, 1);
    await assert.rejects(ann.say(channel, 'deeper', { root_id: reply.id }), { status_code: 400 });
  });

  it('sends the same message once, however often it tries', async () => {
    const pending_post_id = `${ann.id}:${Date.now()}`;
    const first = await ann.say(channel, 'only once', { pending_post_id });
    const again = await ann.say(channel, 'only once', { pending_post_id });
    assert.equal(again.id, first.id);
    const list = await ann.client.getPosts(channel.id);
    assert.equal(list.order.filter((id) => list.posts[id].message === 'only once').length, 1);
  });

  it('reacts', async () => {
    const post = await ann.say(channel, 'It is out');
    const reaction = await bob.client.addReaction(bob.id, post.id, 'tada');
    assert.deepEqual([reaction.user_id, reaction.post_id, reaction.emoji_name], [bob.id, post.id, 'tada']);
    const found = await ann.client.getReactionsForPost(post.id);
    assert.deepEqual(
      found.map(({ emoji_name, user_id }) => [emoji_name, user_id]),
      [['tada', bob.id]],
    );
    await bob.client.removeReaction(bob.id, post.id, 'tada');
    assert.ok(!(await ann.client.getReactionsForPost(post.id))?.length);
  });

  it('pins', async () => {
    const post = await ann.say(channel, 'Read this first');
    await ann.client.pinPost(post.id);
    assert.deepEqual((await bob.client.getPinnedPosts(channel.id)).order, [post.id]);
  });

  it('searches what it may see', async () => {
    const word = `needle${unique()}`;
    const post = await ann.say(channel, `a ${word} in the hay`);
    const found = await bob.client.searchPosts(team.id, word, false);
    assert.deepEqual(found.order, [post.id]);
    const stranger = await Person.signUp('carl');
    await ann.client.addToTeam(team.id, stranger.id);
    assert.deepEqual((await stranger.client.searchPosts(team.id, word, false)).order, []);
  });

  it('counts what is unread, and marks it read', async () => {
    await bob.client.viewMyChannel(channel.id);
    await ann.say(channel, `look, @${bob.user.username}`);
    const mine = async () => {
      const [members, channels] = [
        await bob.client.getMyChannelMembers(team.id),
        await bob.client.getMyChannels(team.id),
      ];
      const member = members.find(({ channel_id }) => channel_id === channel.id);
      const { total_msg_count } = channels.find(({ id }) => id === channel.id);
      return { unread: total_msg_count - member.msg_count, mentions: member.mention_count };
    };
    assert.deepEqual(await mine(), { unread: 1, mentions: 1 });
    await bob.client.viewMyChannel(channel.id);
    assert.deepEqual(await mine(), { unread: 0, mentions: 0 });
  });

  it('keeps preferences', async () => {
    const theme = { user_id: ann.id, category: 'theme', name: '', value: '{"type":"Onyx"}' };
    await ann.client.savePreferences(ann.id, [theme]);
    const kept = await ann.client.getMyPreferences();
    assert.deepEqual(
      kept.filter(({ category }) => category === 'theme'),
      [theme],
    );
    assert.ok(!(await bob.client.getMyPreferences()).some(({ category }) => category === 'theme'));
  });

  it('sets and reads statuses', async () => {
    await bob.client.updateStatus({ user_id: bob.id, status: 'dnd' });
    const [status] = await ann.client.getStatusesByIds([bob.id]);
    assert.deepEqual([status.user_id, status.status, status.manual], [bob.id, 'dnd', true]);
  });

  it('writes directly to one person, in private', async () => {
    const direct = await ann.client.createDirectChannel([ann.id, bob.id]);
    assert.equal(direct.type, 'D');
    assert.equal(direct.name, [ann.id, bob.id].sort().join('__'));
    assert.equal((await bob.client.createDirectChannel([bob.id, ann.id])).id, direct.id);
    const post = await ann.say(direct, 'between us');
    assert.deepEqual((await bob.client.getPosts(direct.id)).order, [post.id]);
    const stranger = await Person.signUp('dora');
    await assert.rejects(stranger.client.getPosts(direct.id), { status_code: 403 });
  });

  describe('on the socket', () => {
    let annHears, bobHears;

    before(async () => {
      annHears = await ann.listen();
      bobHears = await bob.listen();
    });
    after(() => {
      annHears?.close();
      bobHears?.close();
    });

    it('is greeted first', () => {
      const [hello] = annHears.events;
      assert.equal(hello.event, 'hello');
      assert.equal(hello.seq, 0);
      assert.notEqual(hello.data.connection_id, '');
      assert.notEqual(hello.data.server_version, '');
    });

    it('hears a message, as does the one who wrote it', async () => {
      const message = `heard ${unique()}`;
      const post = await ann.say(channel, `${message} @${bob.user.username}`);
      for (const ears of [annHears, bobHears]) {
        const event = await ears.posted(`${message} @${bob.user.username}`);
        assert.equal(event.broadcast.channel_id, channel.id);
        assert.equal(event.data.channel_name, channel.name);
        assert.equal(event.data.channel_display_name, 'Launch');
        assert.equal(event.data.channel_type, 'O');
        assert.equal(event.data.team_id, team.id);
        assert.equal(event.data.sender_name, `@${ann.user.username}`);
        const heard = JSON.parse(event.data.post);
        assert.equal(heard.id, post.id);
        assert.equal(heard.create_at, post.create_at);
      }
      const { data } = await bobHears.posted(`${message} @${bob.user.username}`);
      assert.deepEqual(JSON.parse(data.mentions), [bob.id]);
    });

    it('hears edits, reactions and the end of a message', async () => {
      const post = await ann.say(channel, 'draft');
      const mine = (key) => (event) => JSON.parse(event.data[key]).id === post.id;
      await ann.client.patchPost({ id: post.id, message: 'final' });
      const edited = await bobHears.heard('post_edited', mine('post'));
      assert.equal(JSON.parse(edited.data.post).message, 'final');
      await bob.client.addReaction(bob.id, post.id, '+1');
      const added = await annHears.heard('reaction_added', ({ data }) => JSON.parse(data.reaction).post_id === post.id);
      assert.equal(JSON.parse(added.data.reaction).emoji_name, '+1');
      await ann.client.deletePost(post.id);
      await bobHears.heard('post_deleted', mine('post'));
    });

    it('hears that somebody is typing', async () => {
      annHears.socket.userTyping(channel.id, '');
      const event = await bobHears.heard('typing');
      assert.equal(event.data.user_id, ann.id);
      assert.equal(event.broadcast.channel_id, channel.id);
    });

    it('hears nothing of a conversation between others', async () => {
      const eve = await Person.signUp('eve');
      await ann.client.addToTeam(team.id, eve.id);
      const eveHears = await eve.listen();
      try {
        const direct = await ann.client.createDirectChannel([ann.id, bob.id]);
        const secret = `secret ${unique()}`;
        await ann.say(direct, secret);
        await bobHears.posted(secret);
        // What comes after is heard: so what came before would have been.
        const [townSquare] = (await eve.client.getMyChannels(team.id)).filter(({ name }) => name === 'town-square');
        const open = `open ${unique()}`;
        await ann.say(townSquare, open);
        await eveHears.posted(open);
        assert.ok(!JSON.stringify(eveHears.events).includes(secret));
      } finally {
        eveHears.close();
      }
    });

    it('missed nothing and counted without a gap', () => {
      for (const ears of [annHears, bobHears]) {
        assert.equal(ears.missed, 0);
        assert.deepEqual(
          ears.events.map(({ seq }) => seq),
          ears.events.map((_, n) => n),
        );
      }
    });
  });

  it('lets a bot listen and answer with its token, until it is switched off', async () => {
    // The first account is the administrator.
    const made = await ann.client.createBot({ username: `helper-${unique()}`, display_name: 'Helper', description: 'helps' });
    const { token } = await ann.client.createUserAccessToken(made.user_id, 'for the helper');
    const bot = await Person.withToken(token);
    assert.deepEqual([bot.id, bot.user.is_bot, bot.user.bot_description], [made.user_id, true, 'helps']);
    await ann.client.addToTeam(team.id, bot.id);
    const [townSquare] = (await bot.client.getMyChannels(team.id)).filter(({ name }) => name === 'town-square');
    const [botHears, bobHears] = [await bot.listen(), await bob.listen()];
    try {
      const question = `@${made.username} are you there? ${unique()}`;
      await ann.say(townSquare, question);
      const heard = await botHears.posted(question);
      assert.ok(JSON.parse(heard.data.mentions).includes(bot.id));
      const answer = `I am ${unique()}`;
      assert.equal((await bot.say(townSquare, answer)).props.from_bot, 'true');
      const post = JSON.parse((await bobHears.posted(answer)).data.post);
      assert.deepEqual([post.user_id, post.props.from_bot], [bot.id, 'true']);
      assert.equal((await bob.client.getUser(bot.id)).is_bot, true);
    } finally {
      botHears.close();
      bobHears.close();
    }
    await ann.client.disableBot(bot.id);
    await assert.rejects(bot.client.getMe(), { status_code: 401 });
    await ann.client.enableBot(bot.id);
    const tokens = await ann.client.getUserAccessTokensForUser(bot.id, 0, 10);
    assert.equal(tokens.length, 1);
    await ann.client.revokeUserAccessToken(tokens[0].id);
    await assert.rejects(bot.client.getMe(), { status_code: 401 });
  });

  it('is nobody any more after the logout', async () => {
    const gone = await Person.signUp('gus');
    await gone.client.logout();
    await assert.rejects(gone.client.getMe(), { status_code: 401 });
  });
});

/** What the server has; null where it says in so many words that it has no such thing, and the application does without. */
async function orNothing(asked) {
  try {
    return await asked;
  } catch (error) {
    assert.ok([404, 501].includes(error.status_code), error.message);
    return null;
  }
}

/** What somebody does who comes for the first time, call by call, as the web application has them. */
describe('the first steps in the official web application', () => {
  const app = new App();
  let me, team, townSquare;

  it('before anybody is logged in, it learns how to let people in', async () => {
    const config = await app.client.getClientConfig();
    assert.deepEqual(
      Object.entries(config).filter(([, value]) => typeof value !== 'string'),
      [],
    );
    for (const key of ['EnableSignUpWithEmail', 'EnableUserCreation', 'EnableSignInWithEmail', 'EnableSignInWithUsername']) {
      assert.equal(config[key], 'true', key);
    }
    assert.match(config.PasswordMinimumLength, /^\d+$/);
    assert.equal(typeof (await app.client.getClientLicenseOld()).IsLicensed, 'string');
  });

  it('signing up leads inside: it logs in by the id of the new account', async () => {
    const username = `nia-${unique()}`;
    const account = { email: `${username}@example.com`, username, password: PASSWORD };
    const made = await app.client.createUser(account, '', '');
    await assert.rejects(app.client.loginById(made.id, `${PASSWORD}?`), { status_code: 401 });
    await assert.rejects(app.client.loginById('x'.repeat(26), PASSWORD), { status_code: 401 });
    me = await app.client.loginById(made.id, PASSWORD);
    assert.deepEqual([me.id, me.username], [made.id, username]);
    // A browser keeps the session in a cookie; here it is taken from the header.
    const body = JSON.stringify({ id: made.id, password: PASSWORD });
    const answer = await fetch(`${url}/api/v4/users/login`, { method: 'POST', body });
    app.client.setToken(answer.headers.get('Token'));
    assert.equal((await app.client.getMe()).id, me.id);
  });

  it('inside, it learns what may be shown', async () => {
    const config = await app.client.getClientConfig();
    // Without these it shows no reactions and no choice of themes.
    for (const key of ['EnableEmojiPicker', 'EnableThemeSelection', 'AllowCustomThemes', 'EnableCustomEmoji']) {
      assert.equal(config[key], 'true', key);
    }
    for (const key of ['EnableUserStatuses', 'EnableUserTypingMessages', 'EnableFileAttachments']) {
      assert.equal(config[key], 'true', key);
    }
    for (const key of ['CollapsedThreads', 'TeammateNameDisplay', 'DefaultClientLocale', 'Version', 'DiagnosticId']) {
      assert.ok(config[key], key);
    }
  });

  it('without a team it has nothing to show, and makes one', async () => {
    await orNothing(app.client.getServerLimits());
    const [preferences, members, teams] = await Promise.all([
      app.client.getMyPreferences(),
      app.client.getMyTeamMembers(),
      app.client.getMyTeams(),
    ]);
    assert.ok(Array.isArray(preferences));
    assert.deepEqual([members, teams], [[], []]);
    const roles = await app.client.getRolesByNames(me.roles.split(' '));
    assert.deepEqual(roles.map(({ name }) => name).sort(), me.roles.split(' ').sort());
    assert.ok(roles.some(({ permissions }) => permissions.includes('create_team')));
    assert.ok(Array.isArray(await app.client.getTeams(0, 200)));

    team = await app.client.createTeam({ name: `first-${unique()}`, display_name: 'First', type: 'O' });
    const [member] = await app.client.getMyTeamMembers();
    assert.deepEqual([member.team_id, member.user_id], [team.id, me.id]);
    assert.ok((await app.client.getRolesByNames(['team_user', 'team_admin', 'channel_user'])).length === 3);
  });

  it('opens the first channel of the team', async () => {
    assert.deepEqual(
      (await app.client.getMyTeamUnreads(true)).map(({ team_id }) => team_id),
      [team.id],
    );
    const [channels, members] = await Promise.all([
      app.client.getAllTeamsChannels(),
      app.client.getAllChannelsMembers(me.id, -1),
    ]);
    assert.deepEqual(members.map(({ channel_id }) => channel_id).sort(), channels.map(({ id }) => id).sort());
    townSquare = channels.find(({ name }) => name === 'town-square');
    const timezone = { useAutomaticTimezone: 'true', automaticTimezone: 'Asia/Kolkata', manualTimezone: '' };
    assert.deepEqual((await app.client.patchMe({ timezone })).timezone, timezone);

    const sidebar = await orNothing(app.client.getChannelCategories(me.id, team.id));
    if (sidebar) assert.ok(sidebar.categories.some(({ channel_ids }) => channel_ids.includes(townSquare.id)));
    const notices = await orNothing(app.client.getInProductNotices(team.id, 'web', '11.6.0'));
    if (notices) assert.ok(Array.isArray(notices));
    const threads = await orNothing(app.client.getUserThreads(me.id, team.id, { totalsOnly: true }));
    if (threads) assert.equal(threads.total_unread_threads, 0);
    assert.ok((await app.client.getProfiles(0, 100)).some(({ id }) => id === me.id));
    assert.equal((await app.client.getChannelStats(townSquare.id)).member_count, 1);
    const { order: newest } = await app.client.getPostsUnread(townSquare.id, me.id, 30, 30, true, true, false);
    assert.ok(Array.isArray(newest));
    const viewed = await app.client.viewMyChannel(townSquare.id);
    assert.equal(viewed.status, 'OK');
    const [status] = await app.client.getStatusesByIds([me.id]);
    assert.equal(status.user_id, me.id);
    assert.ok((await app.client.getTotalUsersStats()).total_users_count >= 1);
  });

  it('makes a channel, writes, reacts and takes it back', async () => {
    const about = { team_id: team.id, name: `second-${unique()}`, display_name: 'Second', type: 'O' };
    const channel = await app.client.createChannel(about);
    const post = await app.client.createPost({ channel_id: channel.id, message: 'hello', root_id: '' });
    const left = async () => ((await app.client.getReactionsForPost(post.id)) ?? []).map(({ emoji_name }) => emoji_name);
    // As the picker writes them, and as clients write them that encode what stands in a path.
    for (const [name, inPath] of [
      ['tada', 'tada'],
      ['+1', '+1'],
      ['+1', '%2B1'],
    ]) {
      await app.client.addReaction(me.id, post.id, name);
      assert.deepEqual(await left(), [name]);
      await app.client.removeReaction(me.id, post.id, inPath);
      assert.deepEqual(await left(), [], inPath);
    }
  });

  it('chooses a theme, for this team and for all', async () => {
    const value = JSON.stringify({ type: 'Onyx', sidebarBg: '#202228' });
    const themes = [team.id, ''].map((name) => ({ user_id: me.id, category: 'theme', name, value }));
    await app.client.savePreferences(me.id, themes);
    const kept = (await app.client.getMyPreferences()).filter(({ category }) => category === 'theme');
    assert.deepEqual(kept.map(({ name }) => name).sort(), ['', team.id].sort());
    await app.client.deletePreferences(me.id, [themes[0]]);
    const rest = (await app.client.getMyPreferences()).filter(({ category }) => category === 'theme');
    assert.deepEqual(rest, [themes[1]]);
  });
});
