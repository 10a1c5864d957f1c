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

  test('are dropped and counted where there is no bus, or it is away', async () => {
    const none = new FlowLog(undefined, clock);
    const away = new FlowLog(
      busThat(() => Promise.reject(new NetfoldError({ code: 'bus.unavailable', message: 'away' }))),
      clock,
    );
    for (const log of [none, away]) log.take('default', 'node_1', report);
    await settled();
    for (const log of [none, away]) expect(log.counts).toEqual({ published: 0, dropped: 2, tooOften: 0 });
    expect([none.isOpen, away.isOpen]).toEqual([false, true]);
  });

  test('of one node are taken every ten seconds, whatever others do and wherever the clock goes', async () => {
    const keys: string[] = [];
    const log = new FlowLog(
      busThat(async (_, message) => {
        keys.push(message?.key ?? '');
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

  test('do not pile up before a broker that hangs, and go on when it is back', async () => {
    const release: (() => void)[] = [];
    const log = new FlowLog(
      busThat(() => new Promise((resolve) => release.push(resolve))),
      clock,
    );
    const large = { flows: Array.from({ length: 1_000 }, () => flow), omitted: 0 };
    for (let i = 0; i < 200; i++) log.take('default', `node_${i}`, large);
    await settled();
    expect(release.length).toBeGreaterThan(50);
    expect(log.counts).toEqual({ published: 0, dropped: (200 - release.length) * 1_000, tooOften: 0 });
    const waiting = release.splice(0);
    for (const resolve of waiting) resolve();
    await settled();
    expect(log.counts.published).toBe(waiting.length * 1_000);
    log.take('default', 'node_later', report);
    expect(release).toHaveLength(1);
  });

  test('that say nothing are not passed on, and those that only left something out are', () => {
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
    expect(published).toBe(1);
  });
});
