/** The second factor. Turning it on hands out recovery codes, of which the official client knows nothing. */
import type { MfaSecret } from '@mattermost/types/mfa';
import { request } from './own';

/** Turns it on with a first code from the authenticator; answers the recovery codes, which are told only once. */
export async function turnOn(userId: string, code: string): Promise<string[]> {
  const answer = await request<{ recovery_codes?: string[] }>('put', `/users/${userId}/mfa`, { activate: true, code });
  return answer?.recovery_codes ?? [];
}

/** New recovery codes in place of the old ones. */
export async function renewCodes(userId: string, code: string): Promise<string[]> {
  const answer = await request<{ recovery_codes?: string[] }>('post', `/users/${userId}/mfa/recovery_codes`, { code });
  return answer?.recovery_codes ?? [];
}

/** What shows that it is the owner who asks, and not somebody who found a browser open. */
export type Proof = { code: string } | { password: string };

/** A key for another authenticator; the one before it counts until the new one has given a code. */
export async function replaceKey(userId: string, proof: Proof): Promise<MfaSecret> {
  return request<MfaSecret>('post', `/users/${userId}/mfa/generate`, proof);
}

export async function turnOff(userId: string, proof: Proof): Promise<void> {
  await request('put', `/users/${userId}/mfa`, { activate: false, ...proof });
}
