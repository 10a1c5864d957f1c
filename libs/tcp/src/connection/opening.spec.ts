import { beforeEach, expect, test } from '@jest/globals';
import { WirePeer } from '../testing/wire-peer.js';
import type { TcpConnection } from './tcp-connection.js';

let peer: WirePeer;
beforeEach(() => {
  peer = new WirePeer();
});

const bytes = (length: number) => new Uint8Array(length);

test('from here: the SYN says what we can, the answer is acknowledged', () => {
  const connection = peer.watch(peer.connect());
  const [syn] = peer.takeSegments();
  expect(syn?.options).toMatchObject({ mss: 1240, windowShift: 6, sackPermitted: true, timestamps: { echo: 0 } });
  expect(connection.state).toBe('syn-sent');
  peer.send({ flags: 'SA', ack: 1 });
  expect(peer.take()).toEqual(['A 1 1']);
  expect(connection.state).toBe('established');
  expect(peer.heard).toEqual(['open']);
});

test('a SYN is sent again after 1, 2, 4… seconds, and given up after 127', () => {
  peer.watch(peer.connect());
  const times: number[] = [];
  const start = peer.now;
  for (let second = 0; second < 130; second++) {
    for (const _syn of peer.take()) times.push(peer.now - start);
    peer.pass(1000);
  }
  expect(times).toEqual([0, 1000, 3000, 7000, 15_000, 31_000, 63_000]);
  expect(peer.heard).toEqual(['tcp.timeout']);
  expect(peer.stack.connectionCount).toBe(0);
});

test('refused by a reset that answers the SYN, not by another', () => {
  const connection = peer.watch(peer.connect());
  peer.take();
  peer.send({ flags: 'R' });
  peer.send({ flags: 'RA', ack: 2 });
  expect(connection.state).toBe('syn-sent');
  peer.send({ flags: 'RA', ack: 1 });
  expect(peer.heard).toEqual(['tcp.refused']);
  expect(peer.take()).toEqual([]);
});

test('an answer to a SYN of old is reset, and the new SYN still counts', () => {
  const connection = peer.connect();
  peer.take();
  peer.send({ flags: 'SA', ack: 77 });
  expect(peer.take()).toEqual(['R 77']);
  peer.send({ flags: 'SA', ack: 1 });
  expect(connection.state).toBe('established');
});

test('from both ends at the same time', () => {
  const connection = peer.watch(peer.connect());
  peer.take();
  peer.send({ flags: 'S' });
  expect(connection.state).toBe('syn-received');
  expect(peer.take()).toEqual(['SA 0 1']);
  peer.send({ flags: 'SA', ack: 1 });
  expect(peer.take()).toEqual(['A 1 1']);
  peer.send({ flags: 'A', seq: 1, ack: 1 });
  expect(connection.state).toBe('established');
});

test('from there: SYN, SYN again, and data with the last acknowledgement', () => {
  const connections: TcpConnection[] = [];
  peer.stack.listen(80, { onConnection: (connection) => connections.push(peer.watch(connection)) });
  peer.send({ flags: 'S' });
  expect(peer.take()).toEqual(['SA 0 1']);
  peer.send({ flags: 'S' });
  expect(peer.take()).toEqual(['SA 0 1']);
  peer.send({ flags: 'A', seq: 1, ack: 1, data: 5 });
  expect(connections[0]?.readable).toBe(5);
  expect(peer.heard).toEqual(['open', 'readable']);
});

test('a wrong answer to our SYN is reset; a right one still counts', () => {
  let opened = 0;
  peer.stack.listen(80, { onConnection: () => opened++ });
  peer.send({ flags: 'S' });
  peer.take();
  peer.send({ flags: 'A', seq: 1, ack: 9 });
  expect(peer.take()).toEqual(['R 9']);
  peer.send({ flags: 'A', seq: 1, ack: 1 });
  expect(opened).toBe(1);
});

test('a SYN that is never answered is forgotten', () => {
  peer.stack.listen(80, {});
  peer.send({ flags: 'S' });
  peer.pass(100_000);
  expect(peer.take()).toEqual(['SA 0 1', 'SA 0 1', 'SA 0 1', 'SA 0 1', 'SA 0 1']);
  expect(peer.stack.connectionCount).toBe(0);
});

test('a flood of SYNs keeps the newest only, and a friend among them is served', () => {
  let opened = 0;
  peer.stack.listen(80, { onConnection: () => opened++ });
  for (let port = 1; port <= 10_000; port++) peer.send({ flags: 'S', port });
  expect(peer.stack.connectionCount).toBe(256);
  peer.send({ flags: 'S', port: 20_000 });
  for (let port = 10_001; port <= 10_100; port++) peer.send({ flags: 'S', port });
  peer.iss = peer.takeSegments().find((segment) => segment.destinationPort === 20_000)?.sequence ?? 0;
  peer.send({ flags: 'A', seq: 1, ack: 1, port: 20_000 });
  expect(opened).toBe(1);
});

test('a request waits for a decision: agreed to, refused, or forgotten after 30 s', () => {
  const requests: TcpConnection[] = [];
  peer.stack.listen('any', { onRequest: (request) => requests.push(request) });
  for (const port of [1, 2, 3]) peer.send({ flags: 'S', port });
  peer.send({ flags: 'S', port: 1 });
  expect(peer.take()).toEqual([]);
  requests[0]?.accept(peer.now);
  expect(peer.take()).toEqual(['SA 0 1']);
  requests[1]?.refuse(peer.now);
  expect(peer.takeSegments()).toMatchObject([{ flags: 0x14, destinationPort: 2 }]);
  expect(peer.stack.connectionCount).toBe(2);
  peer.pass(60_000);
  expect(peer.stack.connectionCount).toBe(0);
  requests[2]?.accept(peer.now);
  expect(requests.map(({ state }) => state)).toEqual(['closed', 'closed', 'closed']);
});

test('the peer’s options are honoured', () => {
  const connection = peer.establish({ mss: 500, timestamps: { value: 7, echo: 0 } });
  connection.write(peer.now, bytes(1000));
  const sent = peer.takeSegments();
  expect(sent.map(({ payload }) => payload.length)).toEqual([488, 488, 24]);
  expect(sent[0]?.options.timestamps?.echo).toBe(7);
  expect(sent[0]?.window).toBe(65_535);
});

test.each([
  [undefined, 536],
  [1, 88],
  [9000, 1240],
])('an MSS of %s means segments of %d', (mss, length) => {
  const connection = peer.establish({ mss });
  connection.write(peer.now, bytes(2000));
  expect(peer.takeSegments()[0]?.payload.length).toBe(length);
});

test('a full stack takes no more', () => {
  peer = new WirePeer({ mostConnections: 1 });
  peer.stack.listen(80, {});
  peer.send({ flags: 'S', port: 1 });
  peer.send({ flags: 'S', port: 2 });
  expect(peer.take()).toEqual(['SA 0 1']);
  expect(() => peer.connect()).toThrow('there are 1 TCP connections already');
  expect(() => peer.stack.listen(80, {})).toThrow('TCP port 80 has a listener already');
});
