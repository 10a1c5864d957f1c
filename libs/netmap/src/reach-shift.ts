import type { Label } from '#policy';
import type { Cohort, Cohorts } from './cohorts.js';
import { bearsAny } from './labels.js';
import type { Reach } from './policy-index.js';
import { unshared } from './unshared.js';

/** The labels that two reaches do not have in common. */
export interface ReachShift {
  readonly peers: readonly Label[];
  readonly ownPeers: readonly Label[];
  readonly routes: readonly Label[];
}

const NONE: ReachShift = { peers: [], ownPeers: [], routes: [] };

export const shiftOf = (before: Reach, after: Reach): ReachShift =>
  before === after
    ? NONE
    : {
        peers: unshared(before.peers, after.peers),
        ownPeers: unshared(before.ownPeers, after.ownPeers),
        routes: unshared(before.routes, after.routes),
      };

/**
 * The cohorts that one of two sets of labels reaches and the other does not. They bear one of the labels that the sets
 * do not share: the others need not be looked at. A cohort that came or went is left out, for its members changed.
 */
export function* flippedCohorts(
  [cohortsBefore, before]: readonly [Cohorts, ReadonlySet<Label>],
  [cohortsAfter, after]: readonly [Cohorts, ReadonlySet<Label>],
  shifted: readonly Label[],
): Iterable<Cohort> {
  for (const cohort of cohortsAfter.bearing(shifted)) {
    const { party } = cohort;
    if (cohortsBefore.has(party.id) && bearsAny(party, before) !== bearsAny(party, after)) yield cohort;
  }
}
