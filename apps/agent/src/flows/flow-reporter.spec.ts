import { beforeEach, describe, expect, test } from '@jest/globals';
import type { TakenFlows, TrackedFlow } from '#filter';
import { NetfoldError } from '#kernel';
import type { FlowReport } from '#wire';
import { FlowReporter, REPORT_EVERY_MS } from './flow-reporter.js';

const START = Date.parse('2026-11-01T12:00:00Z');
/** The monotonic clock began at another time than the epoch. */
const BOOT = 5_000.25;

const flow: TrackedFlow = {
  peer: 'node_b',
  protocol: 6,
  localAddress: '100.64.0.1',
  localPort: 22,
  remoteAddress: '100.64.0.2',
  remotePort: 4000,
  initiator: 'peer',
  firstSeen: BOOT + 1_000,
  lastSeen: BOOT + 2_000.4,
};
const reported = { ...flow, firstSeen: START + 1_000, lastSeen: START + 2_000 };
const none: TakenFlows = { flows: [], omitted: 0 };

let world: World;
beforeEach(() => {
  world = new World();
});

/** Time passes when the test says so. */
class World {
  now = 0;
  listening = true;
  readonly asked: number[] = [];
  readonly reports: FlowReport[] = [];
  readonly log: string[] = [];
  readonly pauses: number[] = [];
  /** What the filter has next; nothing when there is no more. */
  readonly taken: (TakenFlows | Error)[] = [];
  flushed = Promise.resolve();
  #wake = () => {};

  readonly reporter = new FlowReporter({
    take: (most) => {
      this.asked.push(most);
      const next = this.taken.shift() ?? none;
      if (next instanceof Error) throw next;
      return next;
    },
    isListening: () => this.listening,
    send: (report) => void this.reports.push(report),
    flushed: () => this.flushed,
    wallClock: { now: () => START + this.now },
    monotonic: () => BOOT + this.now,
    pause: (milliseconds, signal) => {
      this.pauses.push(milliseconds);
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      signal.addEventListener('abort', () => resolve());
      return promise;
    },
    log: (line) => void this.log.push(line),
  });

  /** The pause that is under way is over. */
  wake(): void {
    this.#wake();
  }

  /** The pause is over, and what follows it done. */
  async minute(): Promise<void> {
    const before = this.pauses.length;
    this.now += REPORT_EVERY_MS;
    this.wake();
    while (this.pauses.length === before) await Promise.resolve();
  }
}

describe('the reports of flows', () => {
  test('come once a minute and at the end, with times since the epoch', async () => {
    world.taken.push({ flows: [flow], omitted: 2 }, none, { flows: [], omitted: 1 });
    world.reporter.start();
    expect(world.reports).toEqual([]);
    await world.minute();
    expect(world.reports).toEqual([{ flows: [reported], omitted: 2 }]);
    await world.minute(); // nothing to tell
    expect(world.reports).toHaveLength(1);
    await world.reporter.close();
    expect(world.reports.slice(1)).toEqual([{ flows: [], omitted: 1 }]);
    expect(world.asked).toEqual([1_000, 1_000, 1_000]);
    expect(world.pauses).toEqual([60_000, 60_000, 60_000, 1_000]);
  });

  test('do not take what nobody listens to: it is told later', async () => {
    world.taken.push({ flows: [flow], omitted: 0 });
    world.listening = false;
    world.reporter.start();
    await world.minute();
    expect(world.asked).toEqual([]);
    world.listening = true;
    await world.minute();
    expect(world.reports).toEqual([{ flows: [reported], omitted: 0 }]);
    world.listening = false;
    await world.reporter.close();
    expect(world.asked).toHaveLength(1);
  });

  test('go on when the thread that knows ends', async () => {
    world.taken.push(new NetfoldError({ code: 'dataplane.lost', message: 'it ended' }), { flows: [flow], omitted: 0 });
    world.reporter.start();
    await world.minute();
    await world.minute();
    expect(world.log).toEqual(['the flows of the last minute are not reported: it ended']);
    expect(world.reports).toHaveLength(1);
    await world.reporter.close();
  });

  test('hold nobody up who stops, where the server takes nothing', async () => {
    world.taken.push({ flows: [flow], omitted: 0 });
    world.flushed = new Promise(() => {});
    const closed = world.reporter.close();
    while (world.pauses.length === 0) await Promise.resolve();
    expect(world.reports).toHaveLength(1);
    world.wake();
    await closed;
    expect(world.pauses).toEqual([1_000]);
  });

  test('say nothing of peers that somebody has set on the interface by hand', async () => {
    world.taken.push({ flows: [{ ...flow, peer: 'by-hand:AAAA' }, flow], omitted: 0 });
    await world.reporter.close();
    expect(world.reports).toEqual([{ flows: [reported], omitted: 0 }]);
  });
});
