/** What the stories of the TypeScript client share: people, and ears on the socket. */
import clientPackage from '@mattermost/client';
import { randomBytes } from 'node:crypto';
import { mock } from 'node:test';
import WebSocket from 'ws';

const { Client4, WebSocketClient } = clientPackage;

// The client is written for browsers, where this is always there.
globalThis.WebSocket ??= WebSocket;
// It tells the console of every step its socket takes.
mock.method(console, 'log', () => {});

export const url = process.env.RUSTCHAT_URL;
if (!url) throw new Error('RUSTCHAT_URL must say where the server is: see scripts/with-server');

/** Letters that no other run and no other story has used. */
export const unique = () => randomBytes(5).toString('hex');

export const PASSWORD = 'Correct horse 7 battery';

/** Somebody with an account. `client` is logged in, `user` is what the login answered. */
export class Person {
  static async signUp(name) {
    const person = new Person();
    person.client = new Client4();
    person.client.setUrl(url);
    const username = `${name}-${unique()}`;
    const account = { email: `${username}@example.com`, username, password: PASSWORD };
    person.created = await person.client.createUser(account, '', '');
    person.user = await person.client.login(username, PASSWORD);
    return person;
  }

  /** Somebody who has a personal access token: a program. */
  static async withToken(token) {
    const program = new Person();
    program.client = new Client4();
    program.client.setUrl(url);
    program.client.setToken(token);
    program.user = await program.client.getMe();
    return program;
  }

  get id() {
    return this.user.id;
  }

  say(channel, message, more = {}) {
    return this.client.createPost({ channel_id: channel.id, message, ...more });
  }

  /** Opens the socket as the web client does: the token goes in the first message. Answers once it was greeted. */
  async listen() {
    const ears = new Ears(this.client.getToken());
    await ears.heard('hello');
    return ears;
  }
}

/** The web application before anybody has come: it keeps the token that any of its logins brings, as a browser keeps cookies. */
export class App {
  client = new Client4();

  constructor() {
    this.client.setUrl(url);
    const ask = this.client.doFetchWithResponse;
    this.client.doFetchWithResponse = async (address, options) => {
      const answer = await ask(address, options);
      const token = answer.headers.get('token');
      if (token) this.client.setToken(token);
      return answer;
    };
  }
}

/** Everything that one socket brought, in order. */
export class Ears {
  events = [];
  missed = 0;
  #waiting = new Set();

  constructor(token) {
    this.socket = new WebSocketClient({ newWebSocketFn: (address) => new WebSocket(address) });
    this.socket.addMissedMessageListener(() => this.missed++);
    this.socket.addMessageListener((event) => {
      this.events.push(event);
      for (const look of this.#waiting) look();
    });
    this.socket.initialize(`${url.replace('http', 'ws')}/api/v4/websocket`, token);
  }

  /** The first event of this name that fits, now or within five seconds. */
  heard(name, fits = () => true) {
    const find = () => this.events.find((event) => event.event === name && fits(event));
    return new Promise((resolve, reject) => {
      const look = () => {
        const event = find();
        if (!event) return;
        this.#waiting.delete(look);
        clearTimeout(timer);
        resolve(event);
      };
      const timer = setTimeout(() => {
        this.#waiting.delete(look);
        reject(new Error(`no ${name} came; what came: ${this.events.map(({ event }) => event).join(', ') || 'nothing'}`));
      }, 5000);
      this.#waiting.add(look);
      look();
    });
  }

  posted(message) {
    return this.heard('posted', ({ data }) => JSON.parse(data.post).message === message);
  }

  close() {
    this.socket.close();
  }
}
