import { Map as PersistentMap, Set as PersistentSet } from 'immutable';
import type { Label } from '#policy';
import type { Party } from './labels.js';

/**
 * Members that bear the same labels. Whom they concern is worked out once for all of them, and a member that comes or
 * goes changes nothing else.
 */
export interface Cohort {
  readonly party: Party;
  readonly members: PersistentSet<string>;
}

/** A persistent partition of members into cohorts, with an index by label. */
export class Cohorts {
  static readonly EMPTY = new Cohorts(PersistentMap(), PersistentMap());

  private constructor(
    private readonly byId: PersistentMap<string, Cohort>,
    private readonly byLabel: PersistentMap<Label, PersistentSet<string>>,
  ) {}

  has(id: string): boolean {
    return this.byId.has(id);
  }

  all(): Iterable<Cohort> {
    return this.byId.values();
  }

  /** The party that is in use for these labels, or this one. */
  known(party: Party): Party {
    return this.byId.get(party.id)?.party ?? party;
  }

  /** The cohorts that bear one of these labels, each once. */
  *bearing(labels: Iterable<Label>): Iterable<Cohort> {
    const seen = new Set<string>();
    for (const label of labels) {
      for (const id of this.byLabel.get(label) ?? []) {
        const cohort = seen.has(id) ? undefined : this.byId.get(id);
        seen.add(id);
        if (cohort) yield cohort;
      }
    }
  }

  /** The members of all cohorts that bear one of these labels, each once. */
  *membersBearing(labels: Iterable<Label>): Iterable<string> {
    for (const { members } of this.bearing(labels)) yield* members;
  }

  /** With a member that is in no cohort yet. */
  with(member: string, party: Party): Cohorts {
    const cohort = this.byId.get(party.id) ?? { party, members: PersistentSet<string>() };
    const byId = this.byId.set(party.id, { ...cohort, members: cohort.members.add(member) });
    if (!cohort.members.isEmpty()) return new Cohorts(byId, this.byLabel);
    const byLabel = this.byLabel.withMutations((index) => {
      for (const label of party.labels) index.update(label, PersistentSet<string>(), (ids) => ids.add(party.id));
    });
    return new Cohorts(byId, byLabel);
  }

  /** Without a member of the cohort of this party; a cohort without members vanishes. */
  without(member: string, party: Party): Cohorts {
    const cohort = this.byId.get(party.id);
    if (!cohort?.members.has(member)) return this;
    const members = cohort.members.remove(member);
    if (!members.isEmpty()) return new Cohorts(this.byId.set(party.id, { ...cohort, members }), this.byLabel);
    const byLabel = this.byLabel.withMutations((index) => {
      for (const label of party.labels) {
        const ids = index.get(label)?.remove(party.id);
        if (ids && !ids.isEmpty()) index.set(label, ids);
        else index.remove(label);
      }
    });
    return new Cohorts(this.byId.remove(party.id), byLabel);
  }
}
