import { hash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { is, Map as PersistentMap, Set as PersistentSet } from 'immutable';
import { evolve } from '../evolve.js';
import { initialState, type TailnetState } from '../state.js';
import { arbitraryHistory } from '../testing/arbitrary-history.js';
import { foldAll } from '../testing/recorded-event.js';
import { aTailnet } from '../testing/tailnet-builder.js';
import { freeze, type Piece, SNAPSHOT_VERSION, thaw } from './freeze.js';

/** As a file would keep it. */
const throughJson = (state: TailnetState): TailnetState =>
  thaw([...freeze(state)].map((piece) => JSON.parse(JSON.stringify(piece)) as Piece));

/** Everything that a state says, whatever its structures look like inside. */
const meaning = ({ policy, outcomes, ...rest }: TailnetState): unknown => ({
  rest: inOrder(rest),
  policy: JSON.parse(JSON.stringify([policy, policy.compiled?.rules ?? []])),
  outcomes: [...outcomes.entries()],
});

function inOrder(value: unknown): unknown {
  if (PersistentSet.isSet(value)) return value.toArray().sort();
  if (PersistentMap.isMap(value)) return inOrder(Object.fromEntries(value.sortBy((_, key) => String(key))));
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, inOrder(member)]));
}

const history = arbitraryHistory({ steps: 120 });

describe('a frozen state', () => {
  test('thawed at any moment and followed by the rest of the events is the fold of all of them', () => {
    fc.assert(
      fc.property(history, fc.nat(), ({ events, state }, choice) => {
        const cut = choice % (events.length + 1);
        const thawed = throughJson(foldAll(events.slice(0, cut)));
        expect(meaning(foldAll(events.slice(cut), thawed))).toEqual(meaning(state));
      }),
      { numRuns: 40 },
    );
  });

  test('keeps what a policy meant when it was published, whatever became of the groups that it names', () => {
    const policy = { acls: [{ action: 'accept', src: ['group:ops'], dst: ['*:22'] }] };
    const { state } = aTailnet()
      .withUser('alice', 'owner')
      .withGroup('group:ops', 'alice')
      .withPolicy(policy)
      .withGroup('group:ops');
    expect(state.policy.compiled).toBeDefined();
    expect(meaning(throughJson(state))).toEqual(meaning(state));
  });

  test('keeps indexes as they are, also when events made no sense', () => {
    const { events } = aTailnet()
      .withUser('alice', 'owner')
      .withNode('a', { user: 'alice' })
      .withNode('b', { user: 'alice' });
    // Two nodes under one name, of which the second takes it along.
    const nonsense = [
      { type: 'NodeRenamed', version: 1, data: { nodeId: 'node_b', name: 'a', pinned: true } },
      { type: 'NodeRemoved', version: 1, data: { nodeId: 'node_b', reason: 'removed' } },
    ];
    let state = foldAll(events);
    for (const event of nonsense) {
      state = evolve(state, event, { revision: state.revision + 1, recordedAt: 0, commandId: 'n' });
      const thawed = throughJson(state);
      for (const index of ['byName', 'byAddress', 'byNodeKey', 'byMachineKey'] as const) {
        expect(is(thawed[index], state[index])).toBe(true);
      }
    }
  });

  test('is in pieces of a bounded size', () => {
    let state = initialState;
    for (let i = 0; i < 2_000; i++) {
      state = evolve(state, { type: '?', version: 1, data: {} }, { revision: i, recordedAt: i, commandId: `c${i}` });
    }
    const sizes = [...freeze(state)].map(({ value }) => (Array.isArray(value) ? value.length : 1));
    expect(Math.max(...sizes)).toBe(512);
    expect(thaw(freeze(state)).outcomes.revisionOf('c1999')).toBe(1_999);
  });

  // Snapshots of older programs must not be taken for those of this one.
  test('has another version when its form, or what events mean, is another', () => {
    const { state } = aTailnet()
      .withSettings({ deviceApproval: true })
      .withUser('alice', 'owner')
      .withSuspendedUser('bob')
      .withGroup('group:ops', 'alice', 'bob')
      .withPolicy({ acls: [{ action: 'accept', src: ['group:ops'], dst: ['*:22'] }] })
      .withAuthKey('k', { user: 'alice', reusable: true })
      .withToken('t', 'auditor')
      .withNode('laptop', { user: 'alice', offers: ['10.0.0.0/8'] })
      .withNode('router', { tags: ['tag:router'], routes: ['192.168.1.0/24', '0.0.0.0/0'] })
      .with('NodeRenamed', { nodeId: 'node_laptop', name: 'desk', pinned: true })
      .with('DnsConfigured', { ...initialState.dns, nameservers: ['9.9.9.9'] });
    const fingerprint = hash('sha256', JSON.stringify([...freeze(state)]), 'hex').slice(0, 16);
    // Differs? Then raise SNAPSHOT_VERSION, and write the new pair down here.
    expect([SNAPSHOT_VERSION, fingerprint]).toEqual([5, 'e2f5decc7d9b0ad6']);
  });
});
