import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Positions } from '../src/lib/api/positions';
import { Socket } from '../src/lib/api/socket';

const at = (topic: string, topic_seq: number) => ({ topic, topic_seq });

describe('positions', () => {
  it('let every numbered event through once, and what has no number always', () => {
    const positions = new Positions();
    const heard = [1, 2, 2, 1, 3].filter((seq) => positions.accept(at('c:a', seq)));
    expect(heard).toEqual([1, 2, 3]);
    expect(positions.accept(at('c:b', 1))).toBe(true);
    expect(positions.accept({})).toBe(true);
    expect(positions.accept({})).toBe(true);
  });

  it('hold back what will be said again until the answer', () => {
    const positions = new Positions();
    positions.accept(at('c:a', 5));
    const [named = {}] = positions.ask();
    expect(named).toEqual({ 'c:a': 5 });
    expect(positions.waiting).toBe(true);
    expect(positions.accept(at('c:a', 9))).toBe(false);
    expect(positions.accept(at('c:b', 1))).toBe(true);
    expect(positions.answered(named, { resumed: ['c:a'] })).toBe(false);
    expect(positions.waiting).toBe(false);
    expect([6, 7, 8, 9].every((seq) => positions.accept(at('c:a', seq)))).toBe(true);
  });

  it('tell what must be fetched: what is too old, and what was not known', () => {
    const positions = new Positions();
    positions.learned({ others: { 'c:a': 5, 'c:b': 7 } });
    expect(positions.answered({}, { others: { 'c:a': 6, 'c:b': 7 } })).toBe(false);
    expect(positions.answered({ 'c:a': 5 }, { too_old: { 'c:a': 90 } })).toBe(true);
    expect(positions.accept(at('c:a', 90))).toBe(false);
    expect(positions.answered({}, { others: { 'c:new': 1 } })).toBe(true);
    positions.answered({ 'c:b': 7 }, { gone: ['c:b'] });
    expect(positions.ask()).toEqual([{ 'c:new': 1, 'c:a': 90 }]);
  });

  it('ask in portions', () => {
    const positions = new Positions();
    for (let n = 0; n < 301; n++) positions.accept(at(`c:${n}`, 1));
    expect(positions.ask().map((portion) => Object.keys(portion).length)).toEqual([150, 150, 1]);
  });
});

class FakeSocket {
  static all: FakeSocket[] = [];
  static OPEN = 1;
  readyState = 1;
  sent: { seq: number; action: string; data: { positions: Record<string, number> } }[] = [];
  onopen = () => {};
  onmessage = (_: { data: string }) => {};
  onclose = () => {};
  constructor(readonly url: string) {
    FakeSocket.all.push(this);
  }
  send(text: string) {
    this.sent.push(JSON.parse(text) as (typeof this.sent)[0]);
  }
  close() {}
  says(message: object) {
    this.onmessage({ data: JSON.stringify(message) });
  }
  hello(id: string) {
    this.onopen();
    this.says({ event: 'hello', data: { connection_id: id }, broadcast: {}, seq: 0 });
  }
  posted(seq: number, topic_seq: number) {
    this.says({ event: 'posted', data: {}, broadcast: at('c:a', topic_seq), seq });
  }
  answers(data: object | null) {
    const { seq } = this.sent.filter(({ action }) => action === 'resume').at(-1)!;
    this.says({ status: data ? 'OK' : 'FAIL', seq_reply: seq, data });
  }
}

describe('the socket', () => {
  let shown: number[];
  let missed: number;
  let socket: Socket;
  const now = () => FakeSocket.all.at(-1)!;
  const comesBack = () => {
    now().onclose();
    vi.advanceTimersByTime(60_000);
  };

  beforeEach(() => {
    vi.useFakeTimers();
    vi.stubGlobal('WebSocket', FakeSocket);
    FakeSocket.all = [];
    [shown, missed] = [[], 0];
    socket = new Socket({
      event: ({ event, broadcast }) => event === 'posted' && shown.push(broadcast.topic_seq ?? 0),
      state: () => {},
      missed: () => missed++,
      failing: () => {},
    });
    socket.open();
    now().hello('one');
    now().answers({ others: { 'c:a': 3, 'u:me': 8 } });
    now().posted(1, 4);
  });
  afterEach(() => {
    socket.close();
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  it('comes back within ten seconds of the server, or at once when it is told to', () => {
    for (let n = 0; n < 12; n++) {
      now().onclose();
      vi.advanceTimersByTime(10_000);
      expect(FakeSocket.all.length).toBe(n + 2);
    }
    now().onclose();
    socket.hurry();
    expect(FakeSocket.all.length).toBe(14);
    socket.hurry();
    expect(FakeSocket.all.length).toBe(14);
  });

  it('goes on with its connection where the server knows it', () => {
    comesBack();
    expect(now().url).toContain('connection_id=one&sequence_number=2');
    now().onopen();
    now().posted(2, 5);
    expect([shown, missed, now().sent]).toEqual([[4, 5], 0, []]);
  });

  it('goes back to its positions where the server does not', () => {
    comesBack();
    now().hello('two');
    expect(now().sent.map(({ data }) => data.positions)).toEqual([{ 'c:a': 4, 'u:me': 8 }]);
    now().posted(1, 7);
    now().answers({ resumed: ['c:a', 'u:me'], too_old: {}, gone: [], others: {} });
    [5, 6, 7].forEach((seq, n) => now().posted(2 + n, seq));
    expect([shown, missed]).toEqual([[4, 5, 6, 7], 0]);
  });

  it('fetches afresh what the server does not have any more', () => {
    comesBack();
    now().hello('two');
    expect(missed).toBe(0);
    now().answers({ resumed: ['u:me'], too_old: { 'c:a': 900 }, gone: [], others: {} });
    now().posted(1, 901);
    expect([shown, missed]).toEqual([[4, 901], 1]);
  });

  it('asks again when the answer was lost with the connection', () => {
    comesBack();
    now().hello('two');
    now().posted(1, 5);
    comesBack();
    expect(now().url).toContain('connection_id=two&sequence_number=2');
    now().onopen();
    expect(now().sent.map(({ data }) => data.positions)).toEqual([{ 'c:a': 4, 'u:me': 8 }]);
    now().answers({ resumed: ['c:a', 'u:me'] });
    now().posted(2, 5);
    expect([shown, missed]).toEqual([[4, 5], 0]);
  });

  it('fetches everything from a server that keeps no log', () => {
    comesBack();
    now().hello('two');
    now().answers(null);
    expect(missed).toBe(1);
    now().posted(1, 1);
    expect(shown).toEqual([4, 1]);
  });
});
