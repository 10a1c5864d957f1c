import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { evolve, initialState } from '#tailnet';
import { arbitraryHistory } from '#tailnet/testing';
import { stateChanges } from './state-changes.js';

/** What is no part of the network: how changes are reviewed, and what the servers agree on. */
const ASIDE =
  /^(Change(Proposed|Reviewed|Lapsed|Scheduled|Applied|Withdrawn|Expired|Reverted|Failed)|ReviewOverridden|OverrideAcknowledged|ReleaseFloorRaised|PersonErased)$/;

test('whatever an event does to the network is told, and each is told of once', () => {
  const silent = new Set<string>();
  fc.assert(
    fc.property(arbitraryHistory({ steps: 60 }), ({ events }) => {
      let state = initialState;
      for (const { event, meta } of events) {
        const next = evolve(state, event, meta);
        const changes = stateChanges(state, next).map((change) => JSON.stringify(change));
        if (changes.length === 0 && !ASIDE.test(event.type)) silent.add(event.type);
        expect(new Set(changes).size).toBe(changes.length);
        state = next;
      }
      expect([...silent]).toEqual([]);
    }),
  );
});
