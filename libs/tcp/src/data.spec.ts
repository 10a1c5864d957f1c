import { beforeEach, describe, expect, test } from '@jest/globals';
import { WirePeer } from './testing/wire-peer.js';

const MSS = 1000;
let peer: WirePeer;
beforeEach(() => {
  peer = new WirePeer();
});
const bytes = (length: number) => new Uint8Array(length);
/** A segment of ours with this number: they are 1000 bytes each. */
const segment = (number: number) => `A ${1 + number * MSS} 1 +${MSS}`;
const at = (number: number) => (peer.iss + 1 + number * MSS) >>> 0;
const acknowledge = (number: number, ...blocks: [number, number][]) =>
  peer.send({
    flags: 'A',
    seq: 1,
    ack: 1 + number * MSS,
    options: { sack: blocks.map(([from, to]) => ({ from: at(from), to: at(to) })) },
  });

describe('losses', () => {
  test('the first window is ten segments, and each acknowledgement lets two more out', () => {
    peer.establish({ mss: MSS }).write(peer.now, bytes(100_000));
    expect(peer.take()).toHaveLength(10);
    acknowledge(1);
    expect(peer.take()).toEqual([segment(10), segment(11)]);
  });

  test('with SACK: what is missing is sent again once, when enough behind it arrived', () => {
    peer.establish({ mss: MSS, sackPermitted: true }).write(peer.now, bytes(10_000));
    peer.take();
    acknowledge(1, [2, 3]);
    acknowledge(1, [2, 4]);
    expect(peer.take()).toEqual([]);
    acknowledge(1, [2, 4], [5, 6]);
    expect(peer.take()).toEqual([segment(1)]);
    acknowledge(1, [2, 4], [5, 8]);
    expect(peer.take()).toEqual([segment(4)]);
    acknowledge(1, [2, 4], [5, 10]);
    acknowledge(4, [5, 10]);
    expect(peer.take()).toEqual([]);
    acknowledge(10);
    peer.pass(100_000);
    expect(peer.take()).toEqual([]);
  });

  test('without SACK: three acknowledgements that say the same, then one hole after the other (NewReno)', () => {
    peer.establish({ mss: MSS }).write(peer.now, bytes(10_000));
    peer.take();
    acknowledge(1);
    for (let i = 0; i < 2; i++) acknowledge(1);
    expect(peer.take()).toEqual([]);
    acknowledge(1);
    expect(peer.take()).toEqual([segment(1)]);
    for (let i = 0; i < 4; i++) acknowledge(1);
    expect(peer.take()).toEqual([]);
    acknowledge(4);
    expect(peer.take()).toEqual([segment(4)]);
    acknowledge(10);
    expect(peer.take()).toEqual([]);
  });

  test('a change of the window is no sign of loss', () => {
    peer.establish({ mss: MSS }).write(peer.now, bytes(10_000));
    peer.take();
    for (const window of [65_000, 64_000, 63_000, 62_000]) peer.send({ flags: 'A', seq: 1, ack: 1, window });
    expect(peer.take()).toEqual([]);
  });

  test('when nothing is heard: again after the timeout, then twice as late each time, one segment at a time', () => {
    peer.establish({ mss: MSS }).write(peer.now, bytes(3000));
    peer.take();
    const times: number[] = [];
    const start = peer.now;
    for (let i = 0; i < 64; i++) {
      peer.pass(100);
      for (const sent of peer.take()) {
        expect(sent).toBe(segment(0));
        times.push(peer.now - start);
      }
    }
    expect(times).toEqual([200, 600, 1400, 3000, 6200]);
    acknowledge(1);
    expect(peer.take()).toEqual([segment(1), segment(2)]);
  });

  test('a peer that forgets what it acknowledged in blocks gets it again', () => {
    peer.establish({ mss: MSS, sackPermitted: true }).write(peer.now, bytes(3000));
    acknowledge(0, [1, 3]);
    peer.pass(700);
    peer.take();
    acknowledge(1);
    expect(peer.take()).toEqual([segment(1), segment(2)]);
  });

  test('an answer to the first copy shows that nothing was lost: the window stays, and patience grows', () => {
    const stamp = (echo: number) => ({ timestamps: { value: 1, echo } });
    const sacked = (echo: number, ack: number, from: number, to: number) =>
      peer.send({
        flags: 'A',
        seq: 1,
        ack: 1 + ack * 988,
        options: {
          ...stamp(echo),
          sack: [{ from: (peer.iss + 1 + from * 988) >>> 0, to: (peer.iss + 1 + to * 988) >>> 0 }],
        },
      });
    const connection = peer.connect();
    const [syn] = peer.takeSegments();
    const clock = (syn?.options.timestamps?.value ?? 0) - peer.now;
    const echo = () => (clock + peer.now) >>> 0;
    peer.pass(20);
    peer.send({ flags: 'SA', ack: 1, options: { mss: MSS, sackPermitted: true, ...stamp(echo() - 20) } });
    connection.write(peer.now, bytes(988 * 40));
    const sentAt = echo();
    peer.pass(20);
    peer.take();
    for (const to of [2, 3, 4]) sacked(sentAt, 0, 1, to);
    expect(peer.take()).toContain('A 1 1 +988');
    peer.pass(2);
    sacked(sentAt, 4, 4, 5);
    peer.take();
    const sentLater = echo();
    peer.pass(20);
    sacked(sentLater, 5, 6, 9);
    expect(peer.take().filter((text) => text.startsWith(`A ${1 + 5 * 988} `))).toEqual([]);
    peer.pass(15);
    expect(peer.take()).toContain(`A ${1 + 5 * 988} 1 +988`);
  });
});

describe('acknowledging', () => {
  const data = (seq: number, length = MSS) => peer.send({ flags: 'A', seq, ack: 1, data: length });

  test('at once at first, then every second segment, or after 40 ms', () => {
    const connection = peer.establish({ mss: MSS });
    for (let i = 0; i < 16; i++) data(1 + i * MSS);
    expect(peer.take()).toHaveLength(16);
    data(16_001);
    expect(peer.take()).toEqual([]);
    data(17_001);
    expect(peer.take()).toEqual(['A 1 18001']);
    data(18_001, 1);
    peer.pass(39);
    expect(peer.take()).toEqual([]);
    peer.pass(1);
    expect(peer.take()).toEqual(['A 1 18002']);
    data(18_002);
    connection.write(peer.now, bytes(5));
    peer.pass(1000);
    expect(peer.take()[0]).toBe('A 1 19002 +5');
  });

  test('at once, with what is there, when something is missing', () => {
    peer.establish({ mss: MSS, sackPermitted: true });
    data(1001);
    data(3001);
    const blocks = peer.takeSegments().map(({ options }) => options.sack.map(({ from }) => (from - peer.irs) | 0));
    expect(blocks).toEqual([[1001], [3001, 1001]]);
    data(1);
    expect(peer.take()).toEqual(['A 1 2001']);
  });

  test('a reader that stops closes the window; reading opens it, in large steps', () => {
    peer = new WirePeer({ receiveBuffer: 10_000 });
    const connection = peer.establish({ mss: MSS });
    for (let i = 0; i < 10; i++) data(1 + i * MSS);
    expect(peer.takeSegments().map(({ window }) => window)).toEqual(
      Array.from({ length: 10 }, (_, i) => 9_000 - i * 1_000),
    );
    data(10_001);
    expect([connection.readable, peer.takeSegments()[0]?.window]).toEqual([10_000, 0]);
    connection.read(peer.now, bytes(500));
    expect(peer.take()).toEqual([]);
    connection.read(peer.now, bytes(500));
    expect(peer.takeSegments()[0]?.window).toBe(1_000);
  });

  test('a buffer smaller than a segment opens again, too', () => {
    peer = new WirePeer({ receiveBuffer: 1000 });
    const connection = peer.establish({ mss: MSS });
    data(1);
    peer.take();
    connection.read(peer.now, bytes(499));
    expect(peer.take()).toEqual([]);
    connection.read(peer.now, bytes(1));
    expect(peer.takeSegments()[0]?.window).toBe(500);
  });

  test('acknowledgements and window in a segment that the closed window keeps out still count', () => {
    peer = new WirePeer({ receiveBuffer: 1_000 });
    const connection = peer.establish({ mss: MSS });
    connection.write(peer.now, bytes(10));
    data(1);
    peer.send({ flags: 'A', seq: 1001, ack: 11, data: 5 });
    peer.take();
    peer.pass(10_000);
    expect(peer.take()).toEqual([]);
    expect(connection.readable).toBe(1000);
  });
});

describe('a peer’s window', () => {
  test('is asked about while it is closed; it opens, and data flows', () => {
    const connection = peer.establish({ mss: MSS }, 0);
    connection.write(peer.now, bytes(1500));
    expect(peer.take()).toEqual([]);
    peer.pass(200);
    expect(peer.take()).toEqual(['A 0 1']);
    peer.send({ flags: 'A', seq: 1, ack: 1, window: 0 });
    peer.pass(400);
    expect(peer.take()).toEqual(['A 0 1']);
    peer.send({ flags: 'A', seq: 1, ack: 1, window: 5000 });
    expect(peer.take()).toEqual([segment(0), 'A 1001 1 +500']);
  });

  test('was closed for long: what is lost when it opens is sent again after a round trip’s timeout, not a probe’s', () => {
    peer.establish({ mss: MSS }, 0).write(peer.now, bytes(1500));
    for (let minute = 0; minute < 10; minute++) {
      peer.pass(60_000);
      peer.send({ flags: 'A', seq: 1, ack: 1, window: 0 });
    }
    peer.take();
    peer.send({ flags: 'A', seq: 1, ack: 1, window: 5000 });
    expect(peer.take()).toEqual([segment(0), 'A 1001 1 +500']);
    peer.pass(200);
    expect(peer.take()).toEqual([segment(0)]);
  });

  test('is taken back for long: what it kept out is sent again soon after it opens', () => {
    peer.establish({ mss: MSS }).write(peer.now, bytes(1500));
    for (let minute = 0; minute < 10; minute++) {
      peer.send({ flags: 'A', seq: 1, ack: 1, window: 0 });
      peer.pass(60_000);
    }
    peer.take();
    peer.send({ flags: 'A', seq: 1, ack: 1, window: 5000 });
    peer.pass(200);
    expect(peer.take()).toEqual([segment(0)]);
  });

  test('is taken back: acknowledgements stay within it, or the peer would not look at them', () => {
    peer.establish({ mss: MSS }).write(peer.now, bytes(3000));
    expect(peer.take()).toHaveLength(3);
    for (const [seq, window, number] of [
      [1, 500, 1501],
      [11, 0, 1001],
      [21, 2000, 3001],
    ] as const) {
      peer.send({ flags: 'A', seq, ack: 1001, window, data: 10 });
      peer.pass(40);
      expect(peer.take()).toEqual([`A ${number} ${seq + 10}`]);
    }
  });

  test('that is small is not filled with small segments until time passes', () => {
    const connection = peer.establish({ mss: MSS }, 4000);
    connection.write(peer.now, bytes(8000));
    peer.take();
    acknowledge(4);
    peer.take();
    peer.send({ flags: 'A', seq: 1, ack: 8001, window: 4000 });
    connection.write(peer.now, bytes(4000));
    peer.take();
    peer.send({ flags: 'A', seq: 1, ack: 12_001, window: 100 });
    connection.write(peer.now, bytes(1000));
    expect(peer.take()).toEqual([]);
    peer.pass(200);
    expect(peer.take()).toEqual(['A 12001 1 +100']);
  });

  test('is scaled as was agreed, but for that of the SYN', () => {
    const connection = peer.establish({ mss: MSS, windowShift: 3 }, 2000);
    connection.write(peer.now, bytes(10_000));
    expect(peer.take()).toHaveLength(2);
    peer.send({ flags: 'A', seq: 1, ack: 2001, window: 1000 });
    expect(peer.take()).toHaveLength(8);
  });
});

test('keepalive asks a silent peer, and gives it up', () => {
  peer = new WirePeer({ keepAlive: 10_000 });
  const connection = peer.establish();
  const failures: unknown[] = [];
  connection.observe({ onClose: (failure) => failures.push(failure?.code) });
  peer.send({ flags: 'A', seq: 1, ack: 1 });
  peer.pass(10_000);
  expect(peer.take()).toEqual(['A 0 1']);
  peer.send({ flags: 'A', seq: 1, ack: 1 });
  peer.pass(99_000);
  expect(failures).toEqual([]);
  peer.pass(1_000);
  expect(failures).toEqual(['tcp.timeout']);
});

test('a writer that had to wait is called when there is room', () => {
  peer = new WirePeer({ sendBuffer: 2000 });
  const connection = peer.establish({ mss: MSS });
  let writable = 0;
  connection.observe({ onWritable: () => writable++ });
  expect(connection.write(peer.now, bytes(3000))).toBe(2000);
  acknowledge(1);
  expect(writable).toBe(1);
  expect(connection.write(peer.now, bytes(1000))).toBe(1000);
});
