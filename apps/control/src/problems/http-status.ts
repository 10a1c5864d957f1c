import type { ProblemKind } from './problem-kind.js';

/** How HTTP says each kind of problem (RFC 9110, 15; RFC 6585, 3). */
export const HTTP_STATUS: Readonly<Record<ProblemKind, number>> = {
  unauthenticated: 401,
  forbidden: 403,
  unknown: 404,
  stale: 412,
  unconditional: 428,
  conflict: 409,
  mismatch: 422,
  invalid: 400,
  unavailable: 503,
  internal: 500,
};
