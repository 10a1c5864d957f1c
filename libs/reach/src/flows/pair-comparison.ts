import { needsSameUser, type Rule } from '#policy';
import type { End, NodesEnd } from './end.js';
import { BOTH, type Families, V4, V6 } from './families.js';
import type { FlowCollector, PairFlows } from './flow-collector.js';
import type { Among, Flows } from './flows.js';
import { type Meeting, type Passage, passageBetween } from './meeting.js';
import type { Moment } from './moment.js';
import { keyOfServices, minusServices, type Services, servicesOf } from './services.js';
import { splitByUser } from './split-by-user.js';

type Meetings = readonly [before: readonly Meeting[], after: readonly Meeting[]];

/** What a pair of ends lost or gained in some families. */
class Difference {
  constructor(readonly flows: Omit<PairFlows, 'from' | 'to' | 'among'>) {}

  toString(): string {
    const { change, families, services, rules } = this.flows;
    return `${change} ${families} ${keyOfServices(services)} ${[...rules].join()}`;
  }
}

/** Compares what passes between pairs of ends at two moments. */
export class PairComparison {
  readonly #services = new Map<string, Services>();
  readonly #parts = new Map<string, ReadonlySet<string>>();

  constructor(
    private readonly moments: readonly [Moment, Moment],
    private readonly collector: FlowCollector,
  ) {}

  compare(from: End, to: End): void {
    const [before, after] = this.moments;
    const [old, fresh] = [passageBetween(before, 0, from, to), passageBetween(after, 1, from, to)];
    const meetings: Meetings = [old.meetings, fresh.meetings];
    const hasOwn = meetings.some((list) => list.some(isOwn));
    if (hasOwn && from.kind === 'nodes' && to.kind === 'nodes') this.#compareByUser(from, to, meetings);
    else if (old.isOwnGround !== fresh.isOwnGround || !sameMeetings(meetings)) {
      this.#add(from, to, 'all', this.#between(old, fresh));
    }
  }

  /** What is on the own ground of an end at one moment is no flow there; at both, it goes with those around it. */
  #between(old: Passage, fresh: Passage): Difference[] {
    return [
      ...this.#differences([old.meetings, fresh.isOwnGround && !old.isOwnGround ? [] : fresh.meetings], 'lost'),
      ...this.#differences([old.isOwnGround && !fresh.isOwnGround ? [] : old.meetings, fresh.meetings], 'gained'),
    ];
  }

  /** Rules for nodes of the same user make of some pairs what they do not make of others. */
  #compareByUser(from: NodesEnd, to: NodesEnd, meetings: Meetings): void {
    const parts = splitByUser(this.moments, from, to).map(({ sameUser: [before, after], ...part }) => ({
      ...part,
      differences: this.#bothWays([applying(meetings[0], before), applying(meetings[1], after)]),
    }));
    const [first, second] = parts;
    const isOne = first?.among === 'others' && first.differences.join() === second?.differences.join();
    if (isOne) this.#add(from, to, 'all', second?.differences ?? []);
    else for (const part of parts) this.#add(part.from, part.to, part.among, part.differences);
  }

  #add(from: End, to: End, among: Among, differences: readonly Difference[]): void {
    for (const difference of differences) this.collector.add({ from, to, among, ...difference.flows });
  }

  #bothWays(meetings: Meetings): Difference[] {
    return [...this.#differences(meetings, 'lost'), ...this.#differences(meetings, 'gained')];
  }

  #differences([before, after]: Meetings, change: Flows['change']): Difference[] {
    const [there, elsewhere] = change === 'lost' ? [before, after] : [after, before];
    const only = (family: Families) =>
      minusServices(this.#servicesIn(there, family), this.#servicesIn(elsewhere, family));
    const [v4, v6] = [only(V4), only(V6)];
    const parts: [Families, Services][] =
      keyOfServices(v4) === keyOfServices(v6)
        ? [[BOTH, v4]]
        : [
            [V4, v4],
            [V6, v6],
          ];
    return parts.flatMap(([families, services]) => {
      if (services.size === 0) return [];
      return [new Difference({ change, families, services, rules: this.#rulesThrough(there, families, services) })];
    });
  }

  #servicesIn(meetings: readonly Meeting[], family: Families): Services {
    const rules = meetings.filter(([, families]) => (families & family) > 0).map(([rule]) => rule);
    const key = rules
      .map(({ id }) => id)
      .sort()
      .join();
    const known = this.#services.get(key) ?? servicesOf(rules);
    this.#services.set(key, known);
    return known;
  }

  /** The rules that have a part in these services. */
  #rulesThrough(meetings: readonly Meeting[], families: Families, services: Services): ReadonlySet<string> {
    const rules = meetings.filter(([, those]) => (those & families) > 0).map(([rule]) => rule);
    const key = `${rules.map(({ id }) => id).join()} ${keyOfServices(services)}`;
    const known = this.#parts.get(key) ?? new Set(rules.filter((rule) => overlaps(rule, services)).map(({ id }) => id));
    this.#parts.set(key, known);
    return known;
  }
}

const isOwn = ([rule]: Meeting): boolean => needsSameUser(rule.dst);

const applying = (meetings: readonly Meeting[], sameUser: boolean): readonly Meeting[] =>
  sameUser ? meetings : meetings.filter((meeting) => !isOwn(meeting));

function overlaps(rule: Rule, services: Services): boolean {
  const own = servicesOf([rule]);
  return keyOfServices(minusServices(own, services)) !== keyOfServices(own);
}

function sameMeetings([before, after]: Meetings): boolean {
  if (before.length !== after.length) return false;
  const known = new Map(before.map(([{ id }, families]) => [id, families]));
  return after.every(([{ id }, families]) => known.get(id) === families);
}
