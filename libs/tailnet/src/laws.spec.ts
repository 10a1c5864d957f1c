import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { is } from 'immutable';
import { autoApproves } from '#policy';
import { decide } from './decide.js';
import type { TailnetEvent } from './events.js';
import { evolve } from './evolve.js';
import type { Node } from './nodes/node.js';
import { directoryOf, subjectOf } from './policy/directory-of.js';
import { initialState, type TailnetState } from './state.js';
import { arbitraryHistory, type History } from './testing/arbitrary-history.js';
import { foldAll } from './testing/recorded-event.js';
import { EVENT_TYPES } from './upcast.js';

const history = arbitraryHistory({ steps: 100 });
const sometimes = { numRuns: 25 };

/** The states of a history, after each command. */
function* statesOf({ events, accepted }: History): Iterable<TailnetState> {
  let state = initialState;
  let next = 0;
  for (const [i] of accepted.entries()) {
    const end = (accepted[i + 1]?.before ?? events.length - 1) + 1;
    state = foldAll(events.slice(next, end), state);
    next = end;
    yield state;
  }
}

/** A state without what functions and persistent structures hide from comparison. */
const plain = ({ policy, outcomes, ...rest }: TailnetState): unknown => ({
  ...Object.fromEntries(Object.entries(rest).map(([name, value]) => [name, toPlain(value)])),
  policy: [policy.text, policy.revision],
  outcomes: outcomes.size,
});
const toPlain = (value: unknown): unknown => JSON.parse(JSON.stringify(value ?? null));

/** Whether an index holds an entry for each of these keys of each node, and no others. */
function isTrue(index: TailnetState['byName'], { nodes }: TailnetState, keysOf: (node: Node) => string[]): boolean {
  let entries = 0;
  for (const node of nodes.values()) {
    for (const key of keysOf(node)) {
      if (index.get(key) !== node.id) return false;
      entries++;
    }
  }
  return index.size === entries;
}

const always = (law: (state: TailnetState) => boolean): void =>
  fc.assert(
    fc.property(history, (lived) => {
      for (const state of statesOf(lived)) if (!law(state)) return false;
      return true;
    }),
    sometimes,
  );

describe('at all times', () => {
  // An index entry can name one node only: if every node has its own entries, nothing is held twice.
  test('names, addresses and keys are unique, and the indexes say who has them', () => {
    always(
      (state) =>
        isTrue(state.byName, state, ({ name }) => [name]) &&
        isTrue(state.byMachineKey, state, ({ machineKey }) => [machineKey]) &&
        isTrue(state.byNodeKey, state, ({ nodeKey }) => [nodeKey]) &&
        isTrue(state.byAddress, state, ({ ipv4, ipv6 }) => [ipv4, ipv6]) &&
        state.userByLogin.size === state.users.size,
    );
  });

  test('every node is somebody: a user who is there, or its tags', () => {
    always(({ nodes, users }) =>
      nodes.every(({ userId, tags }) => (tags.length > 0 ? userId === undefined : users.has(userId ?? ''))),
    );
  });

  test('there is an owner who can act', () => {
    always(({ users }) => users.isEmpty() || users.some(({ role, suspended }) => role === 'owner' && !suspended));
  });

  test('a route is in force when it is advertised and approved', () => {
    always(({ nodes }) =>
      nodes.every(({ routes }) =>
        routes.every(({ advertised, approved, inForceSince }) => inForceSince >= 0 === (advertised && approved)),
      ),
    );
  });

  test('a route that no admin has decided about is approved just when the policy says so', () => {
    fc.assert(
      fc.property(history, ({ state }) => {
        const { policy } = state.policy;
        for (const node of state.nodes.values()) {
          for (const [prefix, { approved, by }] of node.routes) {
            if (by === 'admin') continue;
            expect(policy && autoApproves(policy, subjectOf(state, node), prefix, directoryOf(state))).toBe(approved);
          }
        }
      }),
      sometimes,
    );
  });
});

describe('commands', () => {
  test('the same again yields no events, neither under its id nor under another', () => {
    fc.assert(
      fc.property(history, (lived) => {
        let i = 0;
        for (const state of statesOf(lived)) {
          const envelope = lived.accepted[i++]?.envelope;
          if (!envelope) throw new Error('a state without its command');
          expect(decide(state, envelope)).toEqual({ ok: true, value: [] });
          const again = decide(state, { ...envelope, id: 'another' });
          // What is gone cannot be asked for twice; everything else is as it was wanted.
          expect(again.ok ? again.value : [again.error.code]).toEqual(
            again.ok ? [] : [expect.stringMatching(/unknown$/)],
          );
        }
      }),
      sometimes,
    );
  });

  test('random histories are worth something: nearly all commands are accepted, and every event occurs', () => {
    const [lived] = fc.sample(arbitraryHistory({ steps: 1500, minSteps: 1500 }), { seed: 3, numRuns: 1 });
    if (!lived) throw new Error('no history');
    expect(lived.accepted.length).toBeGreaterThan(15 * lived.rejected.length);
    expect(lived.state.nodes.size).toBeGreaterThan(12);
    const unseen = EVENT_TYPES.filter((type) => !lived.events.some(({ event }) => event.type === type));
    expect(unseen).toEqual([]);
  });
});

describe('the fold', () => {
  test('of the events as a store gives them back is the state that the commands were decided on', () => {
    fc.assert(
      fc.property(history, ({ events, state }) => {
        const stored = events.map(({ event, meta }) => ({
          event: JSON.parse(JSON.stringify(event)) as TailnetEvent,
          meta,
        }));
        const folded = foldAll(stored);
        expect(plain(folded)).toEqual(plain(state));
        expect(is(folded.byAddress, state.byAddress)).toBe(true);
      }),
      sometimes,
    );
  });

  test('is not disturbed by events of unknown types and versions, but for the revision', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 2 }), fc.jsonValue(), (type, version, data) => {
        const known = EVENT_TYPES.map((one) => ({ type: one, version, data }));
        for (const raw of [{ type: `${type}?`, version: 1, data }, ...known]) {
          const meta = { revision: 7, recordedAt: 0, commandId: 'x' };
          const { revision, outcomes, ...after } = evolve(initialState, raw, meta);
          expect([revision, outcomes.revisionOf('x')]).toEqual([7, 7]);
          for (const [name, value] of Object.entries(after))
            expect(value).toBe(initialState[name as keyof typeof after]);
        }
      }),
      sometimes,
    );
  });
});
