import fc from 'fast-check';
import type { RawEvent } from '#tailnet';
import { arbitraryHistory } from '#tailnet/testing';
import { arbitraryEvents, FOUNDING } from './arbitrary-events.js';

/** The events of a random history: such that make sense, or also such that do not. */
export const arbitraryLedger = (steps: number): fc.Arbitrary<readonly RawEvent[]> =>
  fc.oneof(
    arbitraryEvents(14, steps).map((events) => [...FOUNDING, ...events]),
    arbitraryHistory({ steps, minSteps: Math.ceil(steps / 2), nodes: 24 }).map(({ events }) =>
      events.map(({ event }) => event),
    ),
  );
