import { beforeEach, describe, expect, it, vi } from 'vitest';

const { request, send } = vi.hoisted(() => ({ request: vi.fn(), send: vi.fn() }));
vi.mock('../src/lib/api/own', () => ({ request }));
vi.mock('../src/lib/api/send', () => ({ send }));

import { ApiError, NetworkError } from '../src/lib/api/errors';
import { uploadInPieces } from '../src/lib/api/pieces';

const MIB = 1024 * 1024;
const file = new File([new Uint8Array(20 * MIB)], 'film.bin');
const gone = () => Promise.reject(new ApiError(404, { message: 'gone' }));

/** What was sent: how many MiB each time. */
const sizes = () => send.mock.calls.map(([, piece]) => (piece as Blob).size / MIB);
const more = { status: 204, body: {} };
const whole = { status: 201, body: { id: 'f1' } };

function options(begun = '') {
  const stop = new AbortController();
  return { begun, stop, signal: stop.signal, onbegun: vi.fn(), onwait: vi.fn(), onprogress: vi.fn() };
}

beforeEach(() => {
  request.mockReset();
  send.mockReset();
});

describe('an upload in pieces', () => {
  it('is opened once and sent to its end', async () => {
    const given = options();
    request.mockResolvedValueOnce({ id: 'u1', file_offset: 0 });
    send.mockResolvedValueOnce(more).mockResolvedValueOnce(more).mockResolvedValueOnce(whole);
    expect(await uploadInPieces('c1', file, given)).toEqual({ id: 'f1' });
    expect(sizes()).toEqual([8, 8, 4]);
    expect(given.onbegun).toHaveBeenCalledExactlyOnceWith('u1');
    const { onprogress } = send.mock.calls[1]![2] as { onprogress: (part: number) => void };
    onprogress(0.5);
    expect(given.onprogress).toHaveBeenLastCalledWith(12 / 20);
  });

  it('goes on after what the server has, when the network is back', async () => {
    const given = options();
    request.mockResolvedValueOnce({ id: 'u1', file_offset: 0 });
    request.mockResolvedValueOnce({ id: 'u1', file_offset: 11 * MIB });
    send.mockResolvedValueOnce(more).mockRejectedValueOnce(new NetworkError());
    send.mockResolvedValueOnce(more).mockResolvedValueOnce(whole);
    const done = uploadInPieces('c1', file, given);
    await vi.waitFor(() => expect(given.onwait).toHaveBeenCalledWith(new NetworkError().message));
    dispatchEvent(new Event('online'));
    expect(await done).toEqual({ id: 'f1' });
    expect(sizes()).toEqual([8, 8, 8, 1]);
  });

  it('is not sent again when only the answer was lost', async () => {
    request.mockImplementation((_, path: string) =>
      path === '/files/u1/info' ? Promise.resolve({ id: 'u1' }) : gone(),
    );
    expect(await uploadInPieces('c1', file, options('u1'))).toEqual({ id: 'u1' });
    expect(send).not.toHaveBeenCalled();
  });

  it('begins anew when the server has forgotten it', async () => {
    const given = options('old');
    request.mockImplementation((method: string) =>
      method === 'get' ? gone() : Promise.resolve({ id: 'u2', file_offset: 0 }),
    );
    send.mockResolvedValue(whole);
    await uploadInPieces('c1', file, given);
    expect(given.onbegun).toHaveBeenCalledExactlyOnceWith('u2');
  });

  it('does not wait for what will not change', async () => {
    request.mockRejectedValueOnce(new ApiError(413, { message: 'no space' }));
    await expect(uploadInPieces('c1', file, options())).rejects.toThrow('no space');
  });

  it('ends at once when it is cancelled while it waits', async () => {
    const given = options();
    request.mockRejectedValue(new ApiError(503, { message: 'busy' }));
    const done = uploadInPieces('c1', file, given);
    await vi.waitFor(() => expect(given.onwait).toHaveBeenCalledWith('busy'));
    given.stop.abort();
    await expect(done).rejects.toThrow('Cancelled');
  });
});
