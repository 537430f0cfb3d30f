/**
 * The WebSocket: one connection, kept alive for as long as somebody is logged in.
 *
 * What lies here: connecting with growing pauses, the heartbeat, counting `seq`, and coming back: by the connection's id
 * or, where the server does not know it any more, by the positions in its logs (`positions.ts`). Only when neither
 * brings everything, the rest of the client is told to fetch afresh. What does not: the meaning of any event.
 */
import { socketUrl } from './base';
import type { Frame, ServerEvent } from './events.generated';
import { Positions, type Resumed } from './positions';

interface Reply {
  status: string;
  seq_reply?: number;
  data?: Resumed;
}

export type SocketState = 'closed' | 'connecting' | 'open' | 'waiting';

export interface SocketListener {
  /** An event, in order, each once. */
  event(event: Frame): void;
  state(state: SocketState): void;
  /** Events were missed: everything on screen must be fetched again. */
  missed(): void;
  /** Connecting failed `attempts` times in a row; a good moment to ask whether the session still lives. */
  failing(attempts: number): void;
}

const PING_EVERY = 30_000;
const FIRST_PAUSE = 500;
/** So long may it take, after the server is back, until everybody is. */
const LONGEST_PAUSE = 10_000;

export class Socket {
  #listener: SocketListener;
  #socket: WebSocket | null = null;
  #connectionId = '';
  #greetedBefore = false;
  #expected = 0;
  readonly #positions = new Positions();
  /** Questions about positions that are not answered: what each of them named, by its number. */
  readonly #asked = new Map<number, Record<string, number>>();
  /** Whether an answer so far asks for fetching afresh. */
  #incomplete = false;
  #seq = 1;
  #failures = 0;
  #pong = true;
  #wanted = false;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #heartbeat: ReturnType<typeof setInterval> | undefined;

  constructor(listener: SocketListener) {
    this.#listener = listener;
  }

  open(): void {
    if (this.#wanted) return;
    this.#wanted = true;
    addEventListener('online', this.#wake);
    document.addEventListener('visibilitychange', this.#wake);
    this.#connect();
  }

  close(): void {
    this.#wanted = false;
    removeEventListener('online', this.#wake);
    document.removeEventListener('visibilitychange', this.#wake);
    clearTimeout(this.#retry);
    this.#drop();
    this.#connectionId = '';
    this.#greetedBefore = false;
    this.#expected = 0;
    this.#positions.clear();
    this.#failures = 0;
    this.#listener.state('closed');
  }

  /** Somebody does not want to sit out the pause. */
  hurry(): void {
    if (this.#wanted && !this.#socket) this.#connect();
  }

  /** Sends an action if there is a connection; actions are hints (typing, presence) and are not queued. */
  send(action: string, data: Record<string, unknown> = {}): void {
    if (this.#socket?.readyState !== WebSocket.OPEN) return;
    this.#socket.send(JSON.stringify({ seq: this.#seq++, action, data }));
  }

  #connect(): void {
    clearTimeout(this.#retry);
    this.#listener.state('connecting');
    const socket = new WebSocket(
      socketUrl({ connection_id: this.#connectionId, sequence_number: String(this.#expected) }),
    );
    this.#socket = socket;
    socket.onopen = () => this.#opened();
    socket.onmessage = (message) => this.#received(String(message.data));
    socket.onclose = () => this.#lost();
  }

  #opened(): void {
    this.#seq = 1;
    this.#pong = true;
    this.#heartbeat = setInterval(() => this.#beat(), PING_EVERY);
    this.#listener.state('open');
    // The answer was lost with the connection, and with it what was not shown for its sake.
    if (this.#positions.waiting) this.#goBack();
  }

  #received(text: string): void {
    // Any sign of life will do.
    this.#pong = true;
    let frame: Partial<Frame & Reply>;
    try {
      frame = JSON.parse(text) as Partial<Frame & Reply>;
    } catch {
      return;
    }
    this.#failures = 0;
    if (frame.seq_reply) this.#replied(frame.seq_reply, frame);
    if (typeof frame.event !== 'string' || typeof frame.seq !== 'number') return;
    const event = frame as Frame;
    if (event.event === 'hello') this.#greeted(event as ServerEvent<'hello'>);
    if (event.seq !== this.#expected) return this.#restart();
    this.#expected = event.seq + 1;
    if (this.#positions.accept(event.broadcast)) this.#listener.event(event);
  }

  /** A new connection id. After an old one the server could not go on with that: what happened in between is asked for. */
  #greeted(hello: ServerEvent<'hello'>): void {
    const id = hello.data.connection_id;
    if (id === this.#connectionId) return;
    this.#connectionId = id;
    this.#expected = hello.seq;
    if (this.#greetedBefore) this.#goBack();
    else this.#ask({});
    this.#greetedBefore = true;
  }

  #goBack(): void {
    const portions = this.#positions.ask();
    if (portions.length === 0) this.#listener.missed();
    this.#incomplete = false;
    for (const portion of portions) this.#ask(portion);
  }

  #ask(positions: Record<string, number>): void {
    this.#asked.set(this.#seq, positions);
    this.send('resume', { positions });
  }

  #replied(seq: number, { status, data }: Partial<Reply>): void {
    const named = this.#asked.get(seq);
    if (!named) return;
    this.#asked.delete(seq);
    const isFirst = Object.keys(named).length === 0;
    if (status !== 'OK' || !data) {
      // Servers that keep no log cannot tell.
      this.#positions.clear();
      this.#incomplete ||= !isFirst;
    } else if (isFirst) this.#positions.learned(data);
    else if (this.#positions.answered(named, data)) this.#incomplete = true;
    if (this.#asked.size > 0 || !this.#incomplete) return;
    this.#incomplete = false;
    this.#listener.missed();
  }

  /** A number is missing. Start anew: the next hello brings another id, and with it we go back to our positions. */
  #restart(): void {
    this.#connectionId = '';
    this.#expected = 0;
    this.#drop();
    this.#connect();
  }

  #beat(): void {
    if (!this.#pong) return this.#lost();
    this.#pong = false;
    this.send('ping');
  }

  #lost(): void {
    this.#drop();
    if (!this.#wanted) return;
    this.#failures++;
    this.#listener.state('waiting');
    const pause = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (this.#failures - 1));
    this.#retry = setTimeout(() => this.#connect(), pause * (0.5 + Math.random() / 2));
    this.#listener.failing(this.#failures);
  }

  #drop(): void {
    clearInterval(this.#heartbeat);
    this.#asked.clear();
    const socket = this.#socket;
    this.#socket = null;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }

  /** The network or the person came back: do not sit out a long pause. */
  #wake = (): void => {
    if (document.visibilityState === 'visible') this.hurry();
  };
}
