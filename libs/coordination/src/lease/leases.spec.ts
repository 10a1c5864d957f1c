import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Dice, Scheduler } from '#sim';
import { MemoryRegisters } from '../memory/memory-registers.js';
import { SimulatedReplica, type Store } from '../testing/simulated-replica.js';
import { type Holding, Leases } from './leases.js';

const TTL = 1_000;
const GOOD: Store = { slowest: 20, failure: 0, stall: 0 };
const CUT: Store = { ...GOOD, failure: 1 };

interface Term {
  readonly replica: SimulatedReplica;
  readonly token: number;
  readonly signal: AbortSignal;
  readonly stops: number;
}

/** Replicas that all want one lease, and a resource that refuses tokens smaller than one that it has seen. */
class Cluster {
  readonly scheduler = new Scheduler();
  readonly replicas: readonly SimulatedReplica[];
  readonly terms: Term[] = [];
  /** The tokens of the writes that the resource took, in order. */
  readonly accepted: number[] = [];
  store: Store = GOOD;
  /** Whom the store does not hear. */
  cut: SimulatedReplica | undefined;
  refused = 0;
  readonly #working = new Set<Term>();
  readonly #holdings: readonly Holding[];

  constructor(
    readonly dice: Dice,
    count = 3,
    private readonly restless = 0.2,
  ) {
    const registers = new MemoryRegisters();
    this.replicas = Array.from({ length: count }, (_, id) => new SimulatedReplica(this.scheduler, dice.fork(), id));
    this.#holdings = this.replicas.map((replica) => {
      const reached = replica.over(registers, () => (replica === this.cut ? CUT : this.store));
      const leases = new Leases(reached, { ttl: TTL, stopwatch: replica });
      return leases.hold('one', (signal, token) => this.#work(replica, signal, token));
    });
  }

  /** Who may do the work now by what they know, and were not stopped since they began. */
  get sure(): readonly Term[] {
    return [...this.#working].filter(({ replica, signal, stops }) => !signal.aborted && replica.stops === stops);
  }

  async close(): Promise<void> {
    const closed = Promise.all(this.#holdings.map((holding) => holding.close()));
    for (const replica of this.replicas) replica.thaw();
    await this.scheduler.pass(100 * TTL);
    await closed;
  }

  async #work(replica: SimulatedReplica, signal: AbortSignal, token: number): Promise<void> {
    const term = { replica, token, signal, stops: replica.stops };
    this.terms.push(term);
    this.#working.add(term);
    // Some work ends by itself.
    const until = this.dice.chance(this.restless) ? this.scheduler.now + this.dice.below(3 * TTL) : Infinity;
    while (!signal.aborted && this.scheduler.now < until) {
      const newest = Math.max(-1, ...this.accepted);
      if (token >= newest) this.accepted.push(token);
      else this.refused += 1;
      await replica.pause(1 + this.dice.below(TTL / 8), signal);
    }
    this.#working.delete(term);
  }
}

const seeds = fc.integer({ min: 0, max: 2 ** 32 - 1 });

describe('a lease', () => {
  test('is never held by two at once, however the store fails, and whatever the clocks say', () =>
    fc.assert(
      fc.asyncProperty(seeds, async (seed) => {
        const cluster = new Cluster(new Dice(seed));
        for (let step = 0; step < 400; step++) {
          if (cluster.dice.chance(0.02)) {
            const [slowest, failure, stall] = [5, 50, 300].map((most) => cluster.dice.below(most));
            cluster.store = { slowest: 1 + (slowest ?? 0), failure: (failure ?? 0) / 100, stall: (stall ?? 0) / 1_000 };
          }
          if (cluster.dice.chance(0.05)) cluster.cut = cluster.dice.pick([undefined, cluster.sure[0]?.replica]);
          await cluster.scheduler.pass(TTL / 10);
          expect(cluster.sure.length).toBeLessThan(2);
        }
        await cluster.close();
      }),
      { numRuns: 15 },
    ));

  test('has a token that nobody had before, and one who was stopped and knows nothing of it is refused', () =>
    fc.assert(
      fc.asyncProperty(seeds, async (seed) => {
        const cluster = new Cluster(new Dice(seed));
        const { dice, scheduler, replicas } = cluster;
        for (let step = 0; step < 200; step++) {
          const replica = dice.pick(replicas);
          if (dice.chance(0.1)) {
            replica.freeze();
            scheduler.after(dice.below(4 * TTL), () => replica.thaw());
          }
          await scheduler.pass(TTL / 10);
          expect(cluster.sure.length).toBeLessThan(2);
        }
        await cluster.close();
        const tokens = cluster.terms.map(({ token }) => token);
        expect(new Set(tokens).size).toBe(tokens.length);
        expect(cluster.accepted).toEqual(cluster.accepted.toSorted((a, b) => a - b));
      }),
      { numRuns: 15 },
    ));

  test('stopped for long, a holder is refused when it goes on', async () => {
    let refused = 0;
    for (let seed = 0; seed < 10; seed++) {
      const cluster = new Cluster(new Dice(seed), 2, 0);
      await cluster.scheduler.pass(3 * TTL);
      const [holder] = cluster.sure;
      holder?.replica.freeze();
      await cluster.scheduler.pass(3 * TTL);
      holder?.replica.thaw();
      await cluster.scheduler.pass(TTL);
      expect(cluster.terms).toHaveLength(2);
      refused += cluster.refused;
      await cluster.close();
    }
    expect(refused).toBeGreaterThan(0);
  });

  test('of a holder that died is another one’s within two ttl', () =>
    fc.assert(
      fc.asyncProperty(seeds, async (seed) => {
        const cluster = new Cluster(new Dice(seed));
        await cluster.scheduler.pass(3 * TTL + cluster.dice.below(TTL));
        for (let left = cluster.replicas.length; left > 1; left--) {
          const [holder] = cluster.sure;
          holder?.replica.freeze();
          const before = cluster.terms.length;
          await cluster.scheduler.pass(2 * TTL);
          expect(cluster.terms.length).toBeGreaterThan(before);
        }
        await cluster.close();
      }),
      { numRuns: 25 },
    ));

  test('is held on as long as its holder lives, and is had by another soon after it was given back', async () => {
    const cluster = new Cluster(new Dice(1), 2, 0);
    await cluster.scheduler.pass(50 * TTL);
    expect(cluster.terms).toHaveLength(1);
    await cluster.close();
    const other = new Cluster(new Dice(1), 2, 1);
    await other.scheduler.pass(50 * TTL);
    expect(new Set(other.terms.map(({ replica }) => replica)).size).toBe(2);
    await other.close();
  });
});

test('what the work throws is told, and it is done again', async () => {
  const scheduler = new Scheduler();
  const replica = new SimulatedReplica(scheduler, new Dice(1), 0);
  const told: string[] = [];
  const report = (name: string, { message }: { readonly message: string }) => told.push(`${name}: ${message}`);
  const leases = new Leases(new MemoryRegisters(), { ttl: TTL, stopwatch: replica, report });
  const holding = leases.hold('one', async () => {
    throw new Error('a fault');
  });
  await scheduler.pass(TTL);
  expect(told.length).toBeGreaterThan(2);
  expect(new Set(told)).toEqual(new Set(['one: a fault']));
  const closed = holding.close();
  await scheduler.pass(TTL);
  await closed;
});

test('the signal comes when it is closed, and what is under way is waited for', async () => {
  const leases = new Leases(new MemoryRegisters());
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  const told: string[] = [];
  const holding = leases.hold('one', async (signal) => {
    begin();
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    await Promise.resolve();
    told.push('ended');
  });
  await begun;
  await holding.close();
  expect(told).toEqual(['ended']);
});
