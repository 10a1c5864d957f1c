import type { Dice } from '#sim';
import type { AppendFault } from '../../../libs/event-store/src/testing/kurrent-server/faults.js';
import type { Fleet } from '../agents/fleet.js';
import type { Cluster } from '../cluster.js';
import type { FaultName, Round } from './schedule.js';

/** What a fault is inflicted on. */
export interface Target {
  readonly cluster: Cluster;
  readonly fleet: Fleet;
  readonly dice: Dice;
}

/** Lets something go wrong, and answers with what heals it. */
type Fault = (target: Target, victims: readonly number[]) => Promise<() => Promise<unknown>>;

const SLOW_MS = 250;
const MAX_SKEW_MS = 2 * 3_600_000;
const LOST: readonly AppendFault[] = [
  'cut amid',
  'cut before',
  'cut after',
  'stall before',
  'stall after',
  'none',
  'none',
];

const replicaOf = ({ cluster }: Target, victims: readonly number[], place = 0) => cluster.replicas[victims[place] ?? 0];
const cableOf = ({ cluster }: Target, victims: readonly number[], place = 0) => cluster.cables[victims[place] ?? 0];
const healCables =
  ({ cluster }: Target) =>
  async () => {
    for (const cable of cluster.cables) cable.heal();
  };

const FAULT: Readonly<Record<FaultName, Fault>> = {
  'kill a replica': async (target, victims) => {
    const replica = replicaOf(target, victims);
    await replica?.kill();
    return async () => replica?.start();
  },
  'freeze a replica': async (target, victims) => {
    const replica = replicaOf(target, victims);
    replica?.pause();
    return async () => replica?.resume();
  },
  'drain a replica': async (target, victims) => {
    const replica = replicaOf(target, victims);
    const drained = replica?.drain();
    return async () => {
      const code = await drained;
      if (code !== 0) throw new Error(`replica ${replica?.number} was asked to go, and ended with ${code}`);
      await replica?.start();
    };
  },
  'kill all replicas': async ({ cluster }) => {
    await Promise.all(cluster.replicas.map((replica) => replica.kill()));
    return () => Promise.all(cluster.replicas.map((replica) => replica.start()));
  },
  'cut one from the store': async (target, victims) => {
    cableOf(target, victims)?.cut();
    return healCables(target);
  },
  'cut all from the store': async (target) => {
    for (const cable of target.cluster.cables) cable.cut();
    return healCables(target);
  },
  'black hole before the store': async (target, victims) => {
    cableOf(target, victims)?.hold();
    return healCables(target);
  },
  'slow store': async (target) => {
    for (const cable of target.cluster.cables) cable.delay = SLOW_MS;
    return healCables(target);
  },
  'restart of the store': async ({ cluster }) => {
    await cluster.store.kill();
    return () => cluster.store.start();
  },
  'lost answers of the store': async ({ cluster, dice }) => {
    await cluster.store.misbehave(Array.from({ length: 40 }, () => dice.pick(LOST)));
    return () => cluster.store.behave();
  },
  'events delivered twice': async ({ cluster }) => {
    await cluster.store.stutter(true);
    return () => cluster.store.stutter(false);
  },
  'skewed clocks': async ({ cluster, dice }) => {
    for (const replica of cluster.replicas) replica.skew(dice.below(2 * MAX_SKEW_MS) - MAX_SKEW_MS);
    return async () => {
      for (const replica of cluster.replicas) replica.skew(0);
    };
  },
  'agents move': async ({ fleet }) => {
    await fleet.move(0.5);
    return () => fleet.move(0.5);
  },
  'cut Kafka': async ({ cluster }) => {
    cluster.kafka?.proxy.cut();
    return async () => cluster.kafka?.proxy.heal();
  },
  // One thinks that it still serves, while another cannot reach the store: when both are back, neither may be believed.
  'freeze and cut another': async (target, victims) => {
    replicaOf(target, victims)?.pause();
    cableOf(target, victims, 1)?.hold();
    return async () => {
      replicaOf(target, victims)?.resume();
      await healCables(target)();
    };
  },
};

/** Lets a round's fault begin, and answers with what heals it. */
export const inflict = (target: Target, { fault, victims }: Round): Promise<() => Promise<unknown>> =>
  FAULT[fault](target, victims);
