import { beforeEach, describe, expect, test } from '@jest/globals';
import { NetfoldError } from '#kernel';
import { type Bus, FLOWS, LocalBus } from '#messaging';
import { BusRecorder } from '#messaging/testing';
import type { FlowRecord } from '#wire';
import { ManualClock } from '../testing/manual-clock.js';
import { FlowLog } from './flow-log.js';

const flow: FlowRecord = {
  ...{ peer: 'node_2', protocol: 17, initiator: 'peer', firstSeen: 1, lastSeen: 2 },
  ...{ localAddress: '100.64.0.1', localPort: 53, remoteAddress: '100.64.0.2', remotePort: 5353 },
};
const report = { flows: [flow, flow], omitted: 1 };

/** A bus of which only this much is used. */
const busThat = (publish: Bus['publish']): Bus => Object.assign(new LocalBus(() => {}), { publish });
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('flow reports', () => {
  let clock: ManualClock;
  beforeEach(() => {
    clock = new ManualClock();
  });

  test('are published under the name of the node', async () => {
    const [bus, recorder] = [new LocalBus(() => {}), new BusRecorder()];
    await bus.subscribe(FLOWS, 'newest', recorder.handle).ready;
    const log = new FlowLog(bus, clock);
    log.take('default', 'node_1', report);
    await recorder.until(1);
    expect(recorder.messages[0]?.headers).toEqual({ 'content-type': 'application/json' });
    const [text = ''] = recorder.of('node_1');
    expect(JSON.parse(text ?? '')).toEqual({
      tailnet: 'default',
      node: 'node_1',
      reportedAt: clock.now(),
      omitted: 1,
      flows: [flow, flow],
    });
    await settled();
    expect([log.isOpen, log.counts]).toEqual([true, { published: 2, dropped: 0, tooOften: 0 }]);
    await bus.close();
  });

  test('are dropped and counted where there is no bus', () => {
    const none = new FlowLog(undefined, clock);
    none.take('default', 'node_1', report);
    expect([none.isOpen, none.counts]).toEqual([false, { published: 0, dropped: 2, tooOften: 0 }]);
  });

  test('wait for a bus that is away, and come in order when it is back', async () => {
    const away = new NetfoldError({ code: 'bus.unavailable', message: 'away' });
    const keys: string[] = [];
    let left = 3;
    const log = new FlowLog(
      busThat(async (_, ...messages) => {
        if (left-- > 0) throw away;
        keys.push(...messages.map(({ key }) => key));
      }),
      clock,
      1,
    );
    const nodes = Array.from({ length: 100 }, (_, i) => `node_${i}`);
    for (const node of nodes) log.take('default', node, report);
    while (log.counts.published < 200) await settled();
    expect(keys).toEqual(nodes);
    expect(log.counts.dropped).toBe(0);
    left = Number.POSITIVE_INFINITY;
    log.take('default', 'node_late', report);
    await log.close();
    expect(log.counts).toEqual({ published: 200, dropped: 2, tooOften: 0 });
  });

  test('that no broker takes keep back no others', async () => {
    const tooLarge = new NetfoldError({ code: 'bus.too_large', message: 'too large' });
    const keys: string[] = [];
    const log = new FlowLog(
      busThat(async (_, ...messages) => {
        await settled();
        if (messages.some(({ key }) => key === 'node_7')) throw tooLarge;
        keys.push(...messages.map(({ key }) => key));
      }),
      clock,
    );
    const nodes = Array.from({ length: 20 }, (_, i) => `node_${i}`);
    for (const node of nodes) log.take('default', node, report);
    await log.close();
    expect(keys).toEqual(nodes.filter((node) => node !== 'node_7'));
    expect(log.counts).toEqual({ published: 38, dropped: 2, tooOften: 0 });
  });

  test('of one node are taken every ten seconds, whatever others do and wherever the clock goes', async () => {
    const keys: string[] = [];
    const log = new FlowLog(
      busThat(async (_, ...messages) => {
        keys.push(...messages.map(({ key }) => key));
      }),
      clock,
    );
    log.take('default', 'node_1', report);
    log.take('default', 'node_2', report);
    log.take('other', 'node_1', report);
    clock.advance(9_999);
    log.take('default', 'node_1', report);
    expect(log.counts.tooOften).toBe(2);
    clock.advance(1);
    log.take('default', 'node_1', report);
    clock.advance(-3_600_000);
    log.take('default', 'node_1', report);
    log.take('default', 'node_1', report);
    await settled();
    expect(keys).toEqual(['node_1', 'node_2', 'node_1', 'node_1', 'node_1']);
    expect(log.counts).toEqual({ published: 10, dropped: 0, tooOften: 4 });
  });

  test('do not pile up before a broker that hangs: the newest wait', async () => {
    const release = Promise.withResolvers<void>();
    const keys: string[] = [];
    const log = new FlowLog(
      busThat(async (_, ...messages) => {
        await release.promise;
        keys.push(...messages.map(({ key }) => key));
      }),
      clock,
    );
    const large = { flows: Array.from({ length: 1_000 }, () => flow), omitted: 0 };
    for (let i = 0; i < 400; i++) log.take('default', `node_${i}`, large);
    await settled();
    const { dropped } = log.counts;
    expect(dropped).toBeGreaterThan(100_000);
    release.resolve();
    while (log.counts.published + dropped < 400_000) await settled();
    // The first was under way already.
    const kept = Array.from({ length: 399 - dropped / 1_000 }, (_, i) => `node_${i + 1 + dropped / 1_000}`);
    expect(keys).toEqual(['node_0', ...kept]);
  });

  test('that say nothing are not passed on, and those that only left something out are', async () => {
    let published = 0;
    const log = new FlowLog(
      busThat(async () => {
        published += 1;
      }),
      clock,
    );
    log.take('default', 'node_1', { flows: [], omitted: 0 });
    expect(published).toBe(0);
    log.take('default', 'node_1', { flows: [], omitted: 7 });
    await settled();
    expect(published).toBe(1);
  });
});
