import { Map as PersistentMap, Set as PersistentSet } from 'immutable';
import { type JsonObject, type JsonValue, NetfoldError } from '#kernel';
import type { Node } from '../nodes/node.js';
import { Outcomes } from '../outcomes.js';
import { NO_POLICY, type PolicyState } from '../policy/policy-state.js';
import { readPolicyAmong } from '../policy/read-policy.js';
import type { Route } from '../routes/route.js';
import type { TailnetState } from '../state.js';
import { changesSlice } from './changes-slice.js';
import { byId, byNode, derived, listed, plain, type Slice } from './slice.js';

/**
 * Every member of a state has a slice, so that a new one is not forgotten here. In the order in which they are thawed:
 * what follows from others stands below them.
 */
export const SLICES: { readonly [K in keyof Required<TailnetState>]: Slice<K> } = {
  revision: plain('revision'),
  recordedAt: plain('recordedAt'),
  tailnet: plain('tailnet'),
  floor: plain('floor'),
  settings: plain('settings'),
  users: byId('users'),
  groups: listed(
    function* ({ groups }) {
      for (const [group, members] of groups) yield [group, [...members]];
    },
    (items) =>
      PersistentMap(
        (items as readonly (readonly [string, string[]])[]).map(([group, members]) => [group, PersistentSet(members)]),
      ),
  ),
  erased: listed(
    ({ erased }) => erased,
    (items) => PersistentSet(items as readonly string[]),
  ),
  authKeys: byId('authKeys'),
  apiTokens: byId('apiTokens'),
  nodes: listed(
    function* ({ nodes }) {
      for (const node of nodes.values()) yield { ...node, routes: [...node.routes] } as JsonObject;
    },
    (items) =>
      PersistentMap(
        (items as unknown as readonly FrozenNode[]).map((node) => [
          node.id,
          { ...node, routes: PersistentMap(node.routes) },
        ]),
      ),
  ),
  policy: {
    // Its compiled form is made anew, from the text and from what it was read among.
    *freeze({ policy: { text, revision, around } }) {
      if (around) yield { text, revision, around: around as JsonObject };
    },
    thaw: ([frozen]) => (frozen === undefined ? NO_POLICY : readAgain(frozen)),
  },
  dns: plain('dns'),
  dnsRevision: plain('dnsRevision'),
  changes: changesSlice,
  lastIpv4: plain('lastIpv4'),
  outcomes: listed(
    ({ outcomes }) => outcomes.entries(),
    (items) => Outcomes.of(items as readonly (readonly [string, number])[]),
  ),
  byMachineKey: byNode('byMachineKey', ({ machineKey }) => [machineKey]),
  byNodeKey: byNode('byNodeKey', ({ nodeKey }) => [nodeKey]),
  byName: byNode('byName', ({ name }) => [name]),
  byAddress: byNode('byAddress', ({ ipv4, ipv6 }) => [ipv4, ipv6]),
  userByLogin: derived('userByLogin', ({ users }) => PersistentMap([...users.values()].map((u) => [u.login, u.id]))),
  groupsByLogin: {
    freeze: () => [],
    thaw: (_, { groups }) =>
      PersistentMap<string, PersistentSet<string>>().withMutations((index) => {
        for (const [group, members] of groups) {
          for (const login of members) index.update(login, PersistentSet<string>(), (of) => of.add(group));
        }
      }),
  },
};

type FrozenNode = Omit<Node, 'routes'> & { readonly routes: readonly (readonly [string, Route])[] };

function readAgain(frozen: JsonValue): PolicyState {
  const { text, revision, around } = frozen as unknown as Required<Pick<PolicyState, 'text' | 'revision' | 'around'>>;
  const { policy, compiled } = readPolicyAmong(around, text);
  if (policy && compiled) return { text, revision, policy, compiled, around };
  throw new NetfoldError({
    code: 'snapshot.unreadable',
    message: `the policy of revision ${revision} is not understood any more`,
    hint: 'fold the ledger from its beginning',
  });
}
