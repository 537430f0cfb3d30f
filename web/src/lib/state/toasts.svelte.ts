/** Short notes at the edge of the screen, for results that have no better place. Errors stay longer. */
import { explain } from '../api/errors';

export interface Toast {
  id: number;
  text: string;
  kind: 'info' | 'error';
}

class Toasts {
  list = $state<Toast[]>([]);
  #next = 1;

  info(text: string): void {
    this.#add(text, 'info', 4000);
  }

  error(error: unknown): void {
    this.#add(explain(error), 'error', 8000);
  }

  dismiss(id: number): void {
    this.list = this.list.filter((toast) => toast.id !== id);
  }

  #add(text: string, kind: Toast['kind'], life: number): void {
    // The same sentence twice says nothing new.
    this.list = this.list.filter((toast) => toast.text !== text);
    const id = this.#next++;
    this.list = [...this.list, { id, text, kind }].slice(-4);
    setTimeout(() => this.dismiss(id), life);
  }
}

export const toasts = new Toasts();

/** Runs `work`; a failure becomes a toast. Answers whether it went well. */
export async function attempt(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    toasts.error(error);
    return false;
  }
}
