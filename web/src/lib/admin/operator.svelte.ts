/** Whether the person looks after the whole deployment. Nobody tells; one finds out by asking for all organisations. */
import { ApiError } from '../api/errors';
import { listOrganizations } from '../api/organizations';

class Operator {
  is = $state(false);
  #asked = false;

  async ask(): Promise<void> {
    if (this.#asked) return;
    this.#asked = true;
    try {
      await listOrganizations(0, 1);
      this.is = true;
    } catch (error) {
      // Refused for good, or not to be reached just now.
      this.#asked = error instanceof ApiError && error.status < 500;
    }
  }

  clear(): void {
    this.is = this.#asked = false;
  }
}

export const operator = new Operator();
