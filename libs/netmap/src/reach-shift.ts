import type { Label } from '#policy';
import type { Cohort, Cohorts } from './cohorts.js';
import type { Reach } from './policy-index.js';
import { unshared } from './unshared.js';
import { bearsAny, cohortsBearing } from './view.js';

/** The labels that two reaches do not have in common. */
export interface ReachShift {
  readonly peers: readonly Label[];
  readonly ownPeers: readonly Label[];
  readonly routes: readonly Label[];
}

const NONE: ReachShift = { peers: [], ownPeers: [], routes: [] };

// The members of a cohort share their reach, so a pair is met once per member.
const shifts = new WeakMap<Reach, WeakMap<Reach, ReachShift>>();

export function shiftOf(before: Reach, after: Reach): ReachShift {
  if (before === after) return NONE;
  const known = shifts.get(before)?.get(after);
  if (known) return known;
  const shift = {
    peers: unshared(before.peers, after.peers),
    ownPeers: unshared(before.ownPeers, after.ownPeers),
    routes: unshared(before.routes, after.routes),
  };
  const memo = shifts.get(before) ?? new WeakMap<Reach, ReachShift>();
  shifts.set(before, memo.set(after, shift));
  return shift;
}

/**
 * The cohorts that one of two sets of labels reaches and the other does not. They bear one of the labels that the sets
 * do not share: the others need not be looked at. A cohort that came or went is left out, for its members changed.
 */
export function* flippedCohorts(
  [cohortsBefore, before]: readonly [Cohorts, ReadonlySet<Label>],
  [cohortsAfter, after]: readonly [Cohorts, ReadonlySet<Label>],
  shifted: readonly Label[],
): Iterable<Cohort> {
  for (const cohort of cohortsBearing(cohortsAfter, shifted)) {
    if (cohortsBefore.get(cohort.id) && bearsAny(cohort, before) !== bearsAny(cohort, after)) yield cohort;
  }
}
