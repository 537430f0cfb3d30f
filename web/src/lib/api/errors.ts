/**
 * What can go wrong between here and the server, as two types: the server said no (`ApiError`), or it could not be
 * asked (`NetworkError`). Callers need to tell them apart: the first is shown, the second is waited out.
 */

export interface ErrorBody {
  id?: string;
  message?: string;
  request_id?: string;
  status_code?: number;
}

/** Where the protocol's own sentence is for those who wrote it. */
const WRONG_CODE = 'This code is wrong, or its time is over. Enter the one that your authenticator shows now.';
const PLAIN: Record<string, string> = {
  'mfa.validate_token.authenticate.app_error': WRONG_CODE,
  'api.user.check_user_mfa.bad_code.app_error': WRONG_CODE,
};

export class ApiError extends Error {
  readonly id: string;
  readonly status: number;
  readonly requestId: string;

  constructor(status: number, body: ErrorBody) {
    super(PLAIN[body.id ?? ''] ?? (body.message || fallback(status)));
    this.name = 'ApiError';
    this.id = body.id ?? '';
    this.status = status;
    this.requestId = body.request_id ?? '';
  }
}

export class NetworkError extends Error {
  constructor() {
    super('The server cannot be reached. Check your connection.');
    this.name = 'NetworkError';
  }
}

/** Whether waiting and asking again may help: no connection, too many requests, server busy or behind a dead proxy. */
export function isTemporary(error: unknown): boolean {
  if (error instanceof NetworkError) return true;
  return error instanceof ApiError && [429, 502, 503, 504].includes(error.status);
}

/** A sentence for people. */
export function explain(error: unknown): string {
  if (error instanceof ApiError || error instanceof NetworkError) return error.message;
  return error instanceof Error && error.message ? error.message : 'Something went wrong.';
}

function fallback(status: number): string {
  if (status === 401) return 'Please log in again.';
  if (status === 403) return 'You are not allowed to do that.';
  if (status === 404) return 'This does not exist, or not any more.';
  if (status === 413) return 'That is too large.';
  if (status === 429) return 'Too many requests. Please wait a moment.';
  if (status === 501) return 'This server does not offer that yet.';
  if (status >= 500) return 'The server has a problem. Please try again.';
  return 'The server did not accept that.';
}
