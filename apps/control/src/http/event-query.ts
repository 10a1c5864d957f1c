import { z } from 'zod';
import { parseMoment } from '#history';
import { NetfoldError } from '#kernel';
import { EVENT_TYPES, type TailnetState } from '#tailnet';
import type { LedgerFilter } from '../ledger/ledger-filter.js';
import type { LedgerRange } from '../queries/read-ledger.js';
import type { Tailnet } from '../tailnet/tailnet.js';
import { userIdOf } from './views/user-view.js';

/** Events in one answer that is no stream. */
export const MAX_PAGE = 1_000;
/** Events that are looked for from the end, and held until they can be given in order. */
const MAX_LAST = 10_000;

const revision = z.coerce.number().int().min(-1).max(Number.MAX_SAFE_INTEGER);
const several = z.preprocess((value) => (typeof value === 'string' ? value.split(',') : value), z.array(z.string()));

/** How a part of the ledger is asked for. */
export const EventQuery = z
  .object({
    since: z.string().optional(),
    until: z.string().optional(),
    after: revision.optional(),
    from: revision.optional(),
    to: revision.optional(),
    type: several.optional(),
    actor: z.string().optional(),
    node: z.string().optional(),
    user: z.string().optional(),
    text: z.string().max(200).optional(),
    limit: z.coerce.number().int().positive().optional(),
    last: z.coerce.number().int().positive().max(MAX_LAST).optional(),
    order: z.enum(['oldest', 'newest']).default('oldest'),
    follow: z.stringbool().default(false),
    format: z.enum(['json', 'ndjson', 'csv']).optional(),
  })
  .refine(({ order, last, follow }) => order === 'oldest' || (last === undefined && !follow), {
    message: 'the newest first goes neither with last nor with follow',
    path: ['order'],
  });

/** What one asks for. */
export type EventWish = z.infer<typeof EventQuery>;

/**
 * The revisions that a query is about. Times are found by bisection, not by reading everything.
 * @param now milliseconds since the Unix epoch
 * @throws NetfoldError `history.bad_moment`, `history.no_such_revision`, `history.in_future`, `history.before_beginning`
 */
export async function rangeOf(tailnet: Tailnet, query: EventWish, now: number): Promise<LedgerRange> {
  const { since, until, after = -1, from = 0, to = Number.POSITIVE_INFINITY, order, last, follow, limit } = query;
  requireThere(tailnet, { from, after, to });
  const begin = since === undefined ? 0 : await firstSince(tailnet, since, now);
  const end = until === undefined ? Number.POSITIVE_INFINITY : await lastUntil(tailnet, until, now);
  return {
    from: Math.max(begin, after + 1, from, 0),
    to: Math.min(end, to),
    limit: limit ?? Number.POSITIVE_INFINITY,
    newestFirst: order === 'newest',
    last,
    follow,
  };
}

/** Refuses what begins behind the end of the ledger, or behind its own end. The next event to come may be waited for. */
function requireThere({ fold }: Tailnet, range: { from: number; after: number; to: number }): void {
  const from = Math.max(range.from, range.after + 1);
  const { revision } = fold.state;
  if (from > revision + 1) {
    throw new NetfoldError({
      code: 'history.no_such_revision',
      message: `there is no revision ${Math.max(range.from, range.after)}: the newest one is ${revision}`,
      where: range.from > range.after ? 'from' : 'after',
      hint: 'netfold log -n 1 shows the newest one',
    });
  }
  if (range.to >= from - 1) return; // a page that was full may have been the last one
  const message = `nothing begins with revision ${from} and ends with ${range.to}`;
  throw new NetfoldError({ code: 'http.bad_query', message, where: 'to' });
}

async function firstSince({ history }: Tailnet, text: string, now: number): Promise<number> {
  const moment = parseMoment(text, now);
  if ('revision' in moment) return moment.revision;
  if (moment.time > now) return history.revisionAt(moment.time); // says that it is in the future
  try {
    return (await history.revisionAt(moment.time - 1)) + 1;
  } catch (error) {
    if (error instanceof NetfoldError && error.code === 'history.before_beginning') return 0;
    throw error;
  }
}

async function lastUntil({ history }: Tailnet, text: string, now: number): Promise<number> {
  const moment = parseMoment(text, now);
  if ('revision' in moment) return moment.revision;
  return moment.time > now ? Number.POSITIVE_INFINITY : history.revisionAt(moment.time);
}

/**
 * What a query lets through, names resolved.
 * @throws NetfoldError `ledger.unknown_type`, `node.unknown`, `user.unknown`
 */
export function filterOf({ names }: Tailnet, state: TailnetState, query: EventWish): LedgerFilter {
  const { type, actor, node, user, text } = query;
  return {
    actor,
    types: type && new Set(type.flatMap(typesOf)),
    nodes: node === undefined ? undefined : new Set(nodesOf(names, state, node)),
    user: user === undefined ? undefined : personOf(names, state, user),
    text: text?.toLowerCase(),
  };
}

/** `NodeJoined`, in any case; or all that begin so: `Node*`. */
function typesOf(pattern: string): string[] {
  const wanted = pattern.trim().toLowerCase();
  const found = EVENT_TYPES.filter((type) =>
    wanted.endsWith('*') ? type.toLowerCase().startsWith(wanted.slice(0, -1)) : type.toLowerCase() === wanted,
  );
  if (found.length > 0) return found;
  throw new NetfoldError({
    code: 'ledger.unknown_type',
    message: `there are no events of type ${JSON.stringify(pattern)}`,
    where: 'type',
    hint: `the types are ${EVENT_TYPES.join(', ')}`,
  });
}

/** The node that is called so, and those that were and are gone. */
function nodesOf(names: Tailnet['names'], state: TailnetState, idOrName: string): readonly string[] {
  const found = [state.byName.get(idOrName.toLowerCase()), ...names.idsOf(idOrName.toLowerCase())];
  const ids = found.filter((id) => id !== undefined);
  if (ids.length > 0) return ids;
  if (names.life(idOrName)) return [idOrName];
  const hint = 'netfold node list shows all nodes';
  throw new NetfoldError({
    code: 'node.unknown',
    message: `no node is or was called ${JSON.stringify(idOrName)}`,
    where: 'node',
    hint,
  });
}

/** A user, also one who was removed. */
function personOf(names: Tailnet['names'], state: TailnetState, idOrLogin: string): { id: string; login: string } {
  const past = names.life(idOrLogin) ? idOrLogin : names.idsOf(idOrLogin.toLowerCase())[0];
  const id = past ?? userIdOf(state, idOrLogin);
  return { id, login: names.of(id) };
}
