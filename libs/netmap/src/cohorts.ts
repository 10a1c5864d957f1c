import { Map as PersistentMap, Set as PersistentSet } from 'immutable';
import type { Label } from '#policy';

/**
 * Members that the policy cannot tell apart: they bear the same labels. Whom they concern is worked out once for all of
 * them, and a member that comes or goes changes nothing else.
 */
export interface Cohort {
  readonly id: CohortId;
  readonly labels: readonly Label[];
  readonly members: PersistentSet<string>;
}

/** Canonical for a set of labels. */
export type CohortId = string;

/** Labels contain no line feed: the policy language has no way to write one. */
export const cohortIdOf = (labels: readonly Label[]): CohortId => labels.join('\n');

/** A persistent partition of members into cohorts, with an index by label. */
export class Cohorts {
  static readonly EMPTY = new Cohorts(PersistentMap(), PersistentMap());

  private constructor(
    private readonly byId: PersistentMap<CohortId, Cohort>,
    private readonly byLabel: PersistentMap<Label, PersistentSet<CohortId>>,
  ) {}

  get(id: CohortId): Cohort | undefined {
    return this.byId.get(id);
  }

  all(): Iterable<Cohort> {
    return this.byId.values();
  }

  /** The cohorts that bear a label. */
  *bearing(label: Label): Iterable<Cohort> {
    for (const id of this.byLabel.get(label) ?? []) {
      const cohort = this.byId.get(id);
      if (cohort) yield cohort;
    }
  }

  /** With a member that is in no cohort yet. @param labels sorted, without duplicates */
  with(member: string, labels: readonly Label[]): Cohorts {
    const id = cohortIdOf(labels);
    const known = this.byId.get(id);
    if (known) return new Cohorts(this.byId.set(id, { ...known, members: known.members.add(member) }), this.byLabel);
    const cohort = { id, labels, members: PersistentSet.of(member) };
    const byLabel = this.byLabel.withMutations((index) => {
      for (const label of labels) index.update(label, PersistentSet<CohortId>(), (ids) => ids.add(id));
    });
    return new Cohorts(this.byId.set(id, cohort), byLabel);
  }

  /** Without a member of this cohort; an empty cohort vanishes. */
  without(member: string, id: CohortId): Cohorts {
    const cohort = this.byId.get(id);
    if (!cohort?.members.has(member)) return this;
    const members = cohort.members.remove(member);
    if (!members.isEmpty()) return new Cohorts(this.byId.set(id, { ...cohort, members }), this.byLabel);
    const byLabel = this.byLabel.withMutations((index) => {
      for (const label of cohort.labels) {
        const ids = index.get(label)?.remove(id);
        if (ids && !ids.isEmpty()) index.set(label, ids);
        else index.remove(label);
      }
    });
    return new Cohorts(this.byId.remove(id), byLabel);
  }
}
