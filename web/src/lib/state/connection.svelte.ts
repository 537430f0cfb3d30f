/** The state of the live connection, for the banner, and the one socket itself. */
import type { Frame } from '../api/events.generated';
import { Socket, type SocketState } from '../api/socket';

class Connection {
  state = $state<SocketState>('closed');
  /** A short interruption is nobody's business; only a longer one is shown. */
  troubled = $state(false);
  onEvent: (event: Frame) => void = () => {};
  onMissed: () => void = () => {};
  onOpen: () => void = () => {};
  onLost: () => void = () => {};
  onFailing: () => void = () => {};
  #grace: ReturnType<typeof setTimeout> | undefined;

  readonly #socket = new Socket({
    event: (event) => this.onEvent(event),
    state: (state) => this.#changed(state),
    missed: () => this.onMissed(),
    failing: (attempts) => attempts >= 2 && this.onFailing(),
  });

  start(): void {
    this.#socket.open();
  }

  stop(): void {
    this.#socket.close();
  }

  hurry(): void {
    this.#socket.hurry();
  }

  send(action: string, data: Record<string, unknown>): void {
    this.#socket.send(action, data);
  }

  #changed(state: SocketState): void {
    if (this.state === 'open' && state !== 'open') this.onLost();
    this.state = state;
    if (state === 'open' || state === 'closed') {
      clearTimeout(this.#grace);
      this.#grace = undefined;
      this.troubled = false;
      if (state === 'open') this.onOpen();
    } else {
      this.#grace ??= setTimeout(() => (this.troubled = true), 1500);
    }
  }
}

export const connection = new Connection();
