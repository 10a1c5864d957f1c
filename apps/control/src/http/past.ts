import type { QueryBus } from '@nestjs/cqrs';
import type { ApiQueryOptions } from '@nestjs/swagger';
import { NetfoldError } from '#kernel';
import { mayRead, type Node, type TailnetState } from '#tailnet';
import { ReadMoment } from '../queries/read-moment.js';
import { ReadTailnet } from '../queries/read-tailnet.js';
import type { Tailnet } from '../tailnet/tailnet.js';
import type { Caller } from './caller.js';
import { nodeOf } from './views/node-view.js';
import { userIdOf } from './views/user-view.js';

/** How the routes that can look back describe it. */
export const AT: ApiQueryOptions = {
  name: 'at',
  required: false,
  description: 'As it was then: a revision (1234), a time (2026-11-01T10:00Z), a day, or how long ago (2h)',
};

/** The state that a request asks about. */
export interface Asked {
  readonly state: TailnetState;
  /** What the answer says of itself: of a past state, also when it was so. */
  readonly as: { readonly revision: number; readonly recordedAt?: number };
}

/**
 * The present state, or with `at` a past one: for those who may read the ledger, which says the same.
 * @throws NetfoldError `auth.forbidden`, `http.bad_query`, `history.…`
 */
export async function asked(queries: QueryBus, caller: Caller, at: unknown): Promise<Asked> {
  const { tailnet, minRevision, roles } = caller;
  const present = await queries.execute(new ReadTailnet(tailnet, minRevision));
  if (at === undefined) return { state: present, as: { revision: present.revision } };
  if (mayRead('ledger', roles) !== 'any') {
    throw new NetfoldError({ code: 'auth.forbidden', message: 'the past is for those who may read the ledger' });
  }
  if (typeof at !== 'string') {
    throw new NetfoldError({ code: 'http.bad_query', message: 'at is not one moment', where: 'at' });
  }
  const state = await queries.execute(new ReadMoment(tailnet, at));
  return { state, as: { revision: state.revision, recordedAt: state.recordedAt } };
}

/** The node that an id or a name means in a past state: its name then, or the one it had last. */
export const nodeThen = (tailnet: Tailnet, state: TailnetState, idOrName: string): Node =>
  wasThere(tailnet, state, idOrName, 'node', (name) => nodeOf(state, name));

/**
 * What a name in a question about access meant in a past state: a machine's name is the one that it had then.
 * @throws NetfoldError `node.unknown` of a machine that was not there
 */
export function endThen(tailnet: Tailnet, state: TailnetState, name: string): string {
  const isMachine = tailnet.names.idsOf(name.toLowerCase()).some((id) => id.startsWith('node_'));
  const isKnown = state.byName.has(name.toLowerCase()) || state.policy.policy?.hosts.has(name);
  return isMachine && !isKnown ? nodeThen(tailnet, state, name).name : name;
}

/** The same for a user. */
export function userIdThen(tailnet: Tailnet, state: TailnetState, idOrLogin: string): string {
  return wasThere(tailnet, state, idOrLogin, 'user', (login) => userIdOf(state, login));
}

/** @param find throws when the state does not have it */
function wasThere<T>(
  { names }: Tailnet,
  { revision }: TailnetState,
  wanted: string,
  what: 'node' | 'user',
  find: (idOrName: string) => T,
): T {
  const ids = [wanted, ...names.idsOf(wanted.toLowerCase()).filter((id) => id.startsWith(`${what}_`))];
  for (const id of ids) {
    try {
      return find(id);
    } catch (error) {
      if (!(error instanceof NetfoldError)) throw error;
    }
  }
  const lives = ids.map((id) => names.life(id)).filter((life) => life !== undefined);
  const later = lives.findLast(({ since }) => since > revision);
  const earlier = lives.find(({ until }) => until !== undefined && until <= revision);
  const hints = [
    ...(earlier?.until === undefined ? [] : [`it was removed with revision ${earlier.until}`]),
    ...(later ? [`it came with revision ${later.since}`] : []),
  ];
  throw new NetfoldError({
    code: `${what}.unknown`,
    message: `there was no ${what} ${JSON.stringify(wanted)} at revision ${revision}`,
    where: 'at',
    hint: hints.join(' and ') || `the ledger has never had a ${what} of that name`,
  });
}
