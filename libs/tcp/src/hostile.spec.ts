import { expect, test } from '@jest/globals';
import { SegmentStorm } from './testing/segment-storm.js';
import { WirePeer } from './testing/wire-peer.js';

test.each([1, 2, 3])(
  'segments at random, seed %d: nothing throws, nothing grows, and the next connection works',
  (seed) => {
    const storm = new SegmentStorm(seed);
    for (let i = 0; i < 10_000; i++) storm.step();
    const { peer } = storm;
    expect(storm.opened).toBeGreaterThan(40);
    expect(storm.sent).toBeGreaterThan(2_000);
    expect(peer.stack.connectionCount).toBeLessThanOrEqual(100);
    for (const connection of storm.connections) expect(connection.readable).toBeLessThanOrEqual(20_000);
    peer.stack.close(peer.now);
    expect(peer.stack.connectionCount).toBe(0);
    expect(peer.establish().state).toBe('established');
  },
);

test('a peer that acknowledges every other byte does not get a segment for each', () => {
  const peer = new WirePeer({ sendBuffer: 1 << 20 });
  const connection = peer.establish({ sackPermitted: true, windowShift: 7 });
  connection.write(peer.now, new Uint8Array(1 << 20));
  for (let i = 0; i < 2_000; i++) {
    const from = (peer.iss + 3 + 2 * i) >>> 0;
    peer.pass(1);
    peer.send({ flags: 'A', seq: 1, ack: 1, options: { sack: [{ from, to: from + 1 }] } });
  }
  expect(peer.take().length).toBeLessThan(200);
});

test('a peer that keeps its window closed is asked, and waited for as long as it answers', () => {
  const peer = new WirePeer();
  const connection = peer.establish({}, 0);
  const failures: unknown[] = [];
  connection.observe({ onClose: (failure) => failures.push(failure?.code) });
  connection.write(peer.now, new Uint8Array(10));
  for (let minute = 0; minute < 60; minute++) {
    peer.pass(60_000);
    expect(peer.take()).toEqual(expect.arrayContaining(['A 0 1']));
    peer.send({ flags: 'A', seq: 1, ack: 1, window: 0 });
  }
  peer.pass(1_000_000);
  expect(failures).toEqual(['tcp.timeout']);
});

test('a peer that keeps its window closed cannot hold a connection that nobody uses any more', () => {
  const peer = new WirePeer();
  const connection = peer.establish({}, 0);
  connection.write(peer.now, new Uint8Array(10));
  connection.close(peer.now);
  for (let minute = 0; minute < 5; minute++) {
    peer.pass(60_000);
    peer.send({ flags: 'A', seq: 1, ack: 1, window: 0 });
  }
  expect(peer.stack.connectionCount).toBe(0);
});
