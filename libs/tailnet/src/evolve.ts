import { evolveChanges } from './changes/evolve-changes.js';
import { evolveCredentials } from './credentials/evolve-credentials.js';
import { evolveDns } from './dns/evolve-dns.js';
import type { EventData, EventMeta, EventType, RawEvent, TailnetEvent } from './events.js';
import type { Evolvers } from './evolver.js';
import { evolveNodes } from './nodes/evolve-nodes.js';
import { evolvePolicy } from './policy/evolve-policy.js';
import { evolveRoutes } from './routes/evolve-routes.js';
import type { TailnetState } from './state.js';
import { evolveTailnet } from './tailnet/evolve-tailnet.js';
import { upcast } from './upcast.js';
import { evolveUsers } from './users/evolve-users.js';

const EVOLVERS: Evolvers<EventData> = {
  ...evolveTailnet,
  ...evolveUsers,
  ...evolveCredentials,
  ...evolveNodes,
  ...evolveRoutes,
  ...evolvePolicy,
  ...evolveDns,
  ...evolveChanges,
};

/**
 * The tailnet after one more event. Total: an event of an unknown type or version, or with malformed data, changes
 * nothing but the revision, and one that makes no sense (a rename of a node that is not there) likewise.
 */
export function evolve(state: TailnetState, raw: RawEvent, meta: EventMeta): TailnetState {
  const event = upcast(raw);
  const next = event ? apply(state, event, meta) : state;
  return {
    ...next,
    revision: meta.revision,
    recordedAt: Math.max(state.recordedAt, meta.recordedAt),
    outcomes: next.outcomes.with(meta.commandId, meta.revision),
  };
}

const apply = <T extends EventType>(state: TailnetState, event: TailnetEvent<T>, meta: EventMeta): TailnetState =>
  EVOLVERS[event.type](state, event.data, meta);
