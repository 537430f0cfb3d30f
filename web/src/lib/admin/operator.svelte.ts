/**
 * Whether the person looks after the whole deployment, and whether they may see their own organisation as such. Nobody
 * tells; one finds out by asking.
 */
import { ApiError } from '../api/errors';
import { getOrganization, listOrganizations, OWN } from '../api/organizations';
import { session } from '../state/session.svelte';

class Operator {
  is = $state(false);
  /** Whether one's own organisation can be seen, its settings and usage. */
  own = $state(false);
  /** For whom it was found out. */
  #asked = '';

  async ask(): Promise<void> {
    const me = session.myId;
    if (this.#asked === me) return;
    this.#asked = me;
    this.is = this.own = false;
    void getOrganization(OWN).then(
      () => (this.own = this.#asked === me),
      () => {},
    );
    try {
      await listOrganizations(0, 1);
      this.is = this.#asked === me;
    } catch (error) {
      // Refused for good; or not to be reached just now, and asked again the next time.
      if (!(error instanceof ApiError)) this.#asked = '';
    }
  }
}

export const operator = new Operator();
