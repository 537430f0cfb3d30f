/**
 * Who is logged in, and the server's public settings. Logging in and out; what is loaded after a login is decided in
 * `workspace.ts`, which watches `phase`.
 */
import type { UserProfile } from '@mattermost/types/users';
import { client } from '../api/client';
import { ApiError, isTemporary } from '../api/errors';
import { locale } from '../i18n/locale.svelte';
import { allowSchemes } from '../markdown/schemes';

export type Phase = 'starting' | 'unreachable' | 'out' | 'in';

class Session {
  phase = $state<Phase>('starting');
  me = $state.raw<UserProfile | null>(null);
  #config = $state.raw<Record<string, string>>({});
  /** Why nobody can be let in here: there is no such organisation, or it is suspended. */
  refusal = $state('');
  /** Whether we were inside until the session ended by itself, and not by logging out. */
  ended = $state(false);

  get config(): Record<string, string> {
    return this.#config;
  }

  set config(config: Record<string, string>) {
    this.#config = config;
    allowSchemes(config.CustomUrlSchemes ?? '');
  }

  get myId(): string {
    return this.me?.id ?? '';
  }

  get isAdmin(): boolean {
    return this.me?.roles?.split(' ').includes('system_admin') ?? false;
  }

  get siteName(): string {
    return this.config.SiteName || 'rustchat';
  }

  /** Whether letters reach people. Where no mail server is configured, they are files on the server. */
  get mailLeaves(): boolean {
    return this.config.HasMailServer !== 'false';
  }

  /** Whether the organisation asks for a second factor that this account does not have yet. */
  get needsSecondFactor(): boolean {
    const { EnableMultifactorAuthentication: offered, EnforceMultifactorAuthentication: enforced } = this.config;
    if (!this.me || offered !== 'true' || enforced !== 'true') return false;
    return !this.me.mfa_active && !this.me.auth_service;
  }

  /** Asks the server who we are, until it answers. */
  async start(): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      try {
        await this.#loadConfig();
        if (!document.cookie.includes('MMUSERID=')) return this.#leave();
        this.#enter(await client.getMe());
        return;
      } catch (error) {
        if (!isTemporary(error)) return this.#leave();
        this.phase = 'unreachable';
        await new Promise((done) => setTimeout(done, Math.min(15_000, 1000 * 2 ** attempt)));
      }
    }
  }

  async login(loginId: string, password: string, code = ''): Promise<void> {
    const me = await client.login(loginId, password, code);
    // Logged in, the server tells more of its settings, among them whether one may go on at once.
    await this.#loadConfig().catch(() => {});
    this.#enter(me);
  }

  /** `made` is called when there is the account, before it is logged in to. */
  async signUp(
    account: { username: string; email: string; password: string; setup_secret?: string },
    invitation: { inviteId: string; token: string },
    made = (): void => {},
  ): Promise<void> {
    await client.createUser(
      { ...account, locale: locale.language } as UserProfile,
      invitation.token,
      invitation.inviteId,
    );
    made();
    await this.login(account.username, account.password);
  }

  async logout(): Promise<void> {
    try {
      await client.logout();
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 401)) throw error;
    }
    this.#leave();
    // Once outside, the server tells less of its settings.
    void this.#loadConfig().catch(() => {});
  }

  update(user: Partial<UserProfile>): void {
    if (this.me) this.me = { ...this.me, ...user };
  }

  /** The session is over, and it was not us who ended it. */
  lost(): void {
    this.#leave();
    this.ended = true;
    // It may have ended because the organisation was suspended.
    void this.#loadConfig().catch(() => {});
  }

  #leave(): void {
    this.me = null;
    this.phase = 'out';
    this.ended = false;
  }

  #enter(me: UserProfile): void {
    this.me = me;
    this.phase = 'in';
    this.ended = false;
  }

  async #loadConfig(): Promise<void> {
    try {
      this.config = (await client.getClientConfig()) as unknown as Record<string, string>;
      this.refusal = '';
    } catch (error) {
      if (isTemporary(error)) throw error;
      if (error instanceof ApiError && [403, 404].includes(error.status)) this.refusal = error.message;
    }
  }
}

export const session = new Session();
