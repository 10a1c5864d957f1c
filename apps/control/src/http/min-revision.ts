import type { FastifyRequest } from 'fastify';
import { NetfoldError } from '#kernel';
import type { Following } from '../ledger/following.js';
import type { Tailnet } from '../tailnet/tailnet.js';

/** The header that asks for an answer from this revision or a later one: what was written at one server is read at another. */
export const MIN_REVISION = 'Netfold-Min-Revision';

/** How long a request waits for this server to get there, in milliseconds. */
const PATIENCE_MS = 5_000;

/**
 * The oldest revision that a request may be answered from, by its header or its query; -1: any.
 * @throws NetfoldError `http.bad_min_revision`, `http.bad_query`
 */
export function minRevisionOf({ headers, query }: Pick<FastifyRequest, 'headers' | 'query'>): number {
  const inQuery = query && typeof query === 'object' && 'minRevision' in query ? query.minRevision : undefined;
  const byQuery = revisionIn(inQuery, { code: 'http.bad_query', where: 'minRevision' });
  const byHeader = revisionIn(headers['netfold-min-revision'], { code: 'http.bad_min_revision', where: MIN_REVISION });
  return Math.max(byQuery, byHeader);
}

/**
 * Resolves when this server has come as far as that.
 * @throws NetfoldError `control.behind` when it takes too long; `http.no_such_revision` when the ledger has none
 */
export async function hasComeTo(revision: number, { fold }: Tailnet, following: Following): Promise<void> {
  if (fold.head.revision >= revision) return;
  const patience = AbortSignal.timeout(PATIENCE_MS);
  const caughtUp = following.caughtUp(patience).then(() => {
    if (fold.head.revision < revision) throw noSuchRevision(revision, fold.head.revision);
  });
  await Promise.race([fold.reached(revision, patience), caughtUp]);
}

function revisionIn(value: unknown, at: { readonly code: string; readonly where: string }): number {
  if (value === undefined) return -1;
  if (typeof value === 'string' && /^\d{1,15}$/.test(value)) return Number(value);
  throw new NetfoldError({ ...at, message: `${at.where} is not a revision` });
}

const noSuchRevision = (wanted: number, newest: number): NetfoldError =>
  new NetfoldError({
    code: 'http.no_such_revision',
    message: `the ledger has no revision ${wanted}: its newest is ${newest}`,
    where: MIN_REVISION,
    hint: 'it is the revision of another ledger, or this one was restored from a backup',
  });
