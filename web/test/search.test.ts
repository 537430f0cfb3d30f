import { describe, expect, it } from 'vitest';
import { PAGE, Results, type Page } from '../src/lib/search/results.svelte';
import { dayOf, offsetFor } from '../src/lib/search/terms';

const things = (from: number, to: number) => Array.from({ length: to - from }, (_, n) => ({ id: String(from + n) }));
const ids = (results: Results<{ id: string }>) => results.list.map(({ id }) => id);

/** A server that has these, and answers them in pages. */
class Server {
  asked: number[] = [];
  constructor(public has: { id: string }[]) {}

  ask = (page: number, size: number): Promise<Page<{ id: string }>> => {
    this.asked.push(page);
    const items = this.has.slice(page * size, (page + 1) * size);
    return Promise.resolve({ items, count: items.length });
  };
}

async function all(results: Results<{ id: string }>): Promise<void> {
  do await results.load();
  while (results.more);
}

describe('what a search finds', () => {
  it('is there in full, after as many pages as it takes', async () => {
    const server = new Server(things(0, 520));
    const results = new Results(server.ask);
    await results.load();
    expect([results.list.length, results.more]).toEqual([PAGE, true]);
    await all(results);
    expect(results.list).toEqual(things(0, 520));
    expect(server.asked).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it('ends with an empty page where the last one was full, and at once where there is nothing', async () => {
    const full = new Results(new Server(things(0, PAGE)).ask);
    await all(full);
    expect([full.list.length, full.more, full.problem]).toEqual([PAGE, false, '']);
    const nothing = new Results(new Server([]).ask);
    await nothing.load();
    expect([nothing.list.length, nothing.more, nothing.fresh]).toEqual([0, false, false]);
  });

  it('is shown once each, though new ones came to the front meanwhile', async () => {
    const server = new Server(things(0, 150));
    const results = new Results(server.ask);
    await results.load();
    server.has = [...things(1000, 1070), ...server.has];
    await all(results);
    const shown = ids(results);
    expect(new Set(shown).size).toBe(shown.length);
    expect(shown).toEqual(expect.arrayContaining(things(0, 150).map(({ id }) => id)));
  });

  it('has no hole where some were deleted meanwhile', async () => {
    const server = new Server(things(0, 190));
    const results = new Results(server.ask);
    await results.load();
    const gone = new Set(['3', '5', '8']);
    server.has = server.has.filter(({ id }) => !gone.has(id));
    results.drop((id) => gone.has(id));
    expect(results.list.length).toBe(PAGE - 3);
    await all(results);
    expect(ids(results)).toEqual(server.has.map(({ id }) => id));
  });

  it('goes on where it was after a failure', async () => {
    const server = new Server(things(0, 100));
    let fails = false;
    const results = new Results((page, size) => (fails ? Promise.reject(new Error('cut')) : server.ask(page, size)));
    await results.load();
    fails = true;
    await results.load();
    expect([results.list.length, results.more, results.busy]).toEqual([PAGE, true, false]);
    expect(results.problem).not.toBe('');
    fails = false;
    await results.load();
    expect([results.list.length, results.more, results.problem]).toEqual([100, false, '']);
  });

  it('is brought in small pages where large messages do not fit into one', async () => {
    // This server answers seven at most, and says that there is more.
    const has = things(0, 100);
    const ask = (page: number, size: number) => {
      const items = has.slice(page * size, Math.min((page + 1) * size, page * size + 7));
      return Promise.resolve({ items, count: items.length, more: page * size + items.length < has.length });
    };
    const results = new Results(ask);
    await all(results);
    expect(results.list).toEqual(has);
  });

  it('does not ask for ever where a server says that there is more and gives nothing', async () => {
    let asked = 0;
    const results = new Results<{ id: string }>(() => {
      asked++;
      return Promise.resolve({ items: [], count: 0, more: true });
    });
    await results.load();
    expect([results.more, asked]).toEqual([false, 3]);
  });

  it('is asked for once at a time', async () => {
    const server = new Server(things(0, 200));
    const results = new Results(server.ask);
    await Promise.all([results.load(), results.load()]);
    expect(server.asked).toEqual([0]);
  });
});

describe('the days in search terms', () => {
  it.each([
    ['on:2026-07-01', 'on', '2026-07-01'],
    ['ship on: 2026-07-01', 'on', '2026-07-01'],
    ['-before:2026-07-01 ship', 'before', '2026-07-01'],
    ['After:  2026-07-01 before:2026-12-01', 'after', '2026-07-01'],
  ])('%s: %s %s', (terms, operator, day) => expect(dayOf(terms)).toEqual({ operator, day }));

  it.each(['ship', '"on:2026-07-01"', 'season:2026-07-01', 'on:soon', 'on:2026-07-011', '"open on:2026-07-01'])(
    '%s names none',
    (terms) => expect(dayOf(terms)).toBeNull(),
  );

  it('begin where the searcher is, at the time of year that is asked for', () => {
    const winter = Date.UTC(2026, 0, 15);
    const offset = (terms: string, zone: string) => offsetFor(terms, zone, winter);
    expect(offset('ship', 'Asia/Kolkata')).toBe(19_800);
    expect(offset('ship', 'America/St_Johns')).toBe(-12_600);
    expect(offset('ship on:2026-07-01', 'America/St_Johns')).toBe(-9_000);
    expect(offset('before: 2026-11-01', 'America/St_Johns')).toBe(-9_000);
    // The day after begins with other clocks.
    expect(offset('after:2026-11-01', 'America/St_Johns')).toBe(-12_600);
    expect(offset('on:2026-02-31', 'Pacific/Apia')).toBe(46_800);
  });
});
