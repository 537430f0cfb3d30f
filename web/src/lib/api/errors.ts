/**
 * What can go wrong between here and the server, as two types: the server said no (`ApiError`), or it could not be
 * asked (`NetworkError`). Callers need to tell them apart: the first is shown, the second is waited out.
 */
import * as m from '../messages';

export interface ErrorBody {
  id?: string;
  message?: string;
  request_id?: string;
  status_code?: number;
}

/** Where the protocol's own sentence is for those who wrote it. */
const PLAIN: Record<string, () => string> = {
  'mfa.validate_token.authenticate.app_error': m.error_code_wrong,
  'api.user.check_user_mfa.bad_code.app_error': m.error_code_wrong,
};

export class ApiError extends Error {
  readonly id: string;
  readonly status: number;
  readonly requestId: string;

  constructor(status: number, body: ErrorBody) {
    super(PLAIN[body.id ?? '']?.() ?? (body.message || fallback(status)));
    this.name = 'ApiError';
    this.id = body.id ?? '';
    this.status = status;
    this.requestId = body.request_id ?? '';
  }
}

export class NetworkError extends Error {
  constructor() {
    super(m.error_unreachable());
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
  return error instanceof Error && error.message ? error.message : m.error_unknown();
}

function fallback(status: number): string {
  if (status === 401) return m.error_log_in_again();
  if (status === 403) return m.error_forbidden();
  if (status === 404) return m.error_not_found();
  if (status === 413) return m.error_too_large();
  if (status === 429) return m.error_too_many_requests();
  if (status === 501) return m.error_not_offered();
  if (status >= 500) return m.error_server();
  return m.error_not_accepted();
}
