import { beforeEach, expect, test } from '@jest/globals';
import { WirePeer } from '../testing/wire-peer.js';

let peer: WirePeer;
beforeEach(() => {
  peer = new WirePeer();
});

const bytes = (length: number) => new Uint8Array(length);

test('from here: FIN-WAIT-1, FIN-WAIT-2, TIME-WAIT for 10 s', () => {
  const connection = peer.watch(peer.establish());
  connection.write(peer.now, bytes(3));
  connection.end(peer.now);
  expect(peer.take()).toEqual(['A 1 1 +3', 'FA 4 1']);
  expect(connection.state).toBe('fin-wait-1');
  peer.send({ flags: 'A', seq: 1, ack: 5 });
  expect(connection.state).toBe('fin-wait-2');
  peer.send({ flags: 'A', seq: 1, ack: 5, data: 2 });
  peer.send({ flags: 'FA', seq: 3, ack: 5 });
  expect(connection.state).toBe('time-wait');
  expect(peer.take().at(-1)).toBe('A 5 4');
  expect(peer.heard).toEqual(['readable', 'readable', 'close']);
  expect(connection.read(peer.now, bytes(10))).toBe(2);
  expect(connection.ended).toBe(true);
  peer.pass(9_999);
  expect(connection.state).toBe('time-wait');
  peer.pass(1);
  expect(peer.stack.connectionCount).toBe(0);
});

test('from there: CLOSE-WAIT, LAST-ACK', () => {
  const connection = peer.watch(peer.establish());
  peer.send({ flags: 'FA', seq: 1, ack: 1 });
  expect(connection.state).toBe('close-wait');
  expect(peer.take()).toEqual(['A 1 2']);
  connection.write(peer.now, bytes(3));
  connection.end(peer.now);
  expect(peer.take()).toEqual(['A 1 2 +3', 'FA 4 2']);
  expect(connection.state).toBe('last-ack');
  peer.send({ flags: 'A', seq: 2, ack: 5 });
  expect(connection.state).toBe('closed');
  expect(peer.heard).toEqual(['readable', 'close']);
});

test('from both ends at the same time', () => {
  const connection = peer.establish();
  connection.end(peer.now);
  peer.send({ flags: 'FA', seq: 1, ack: 1 });
  expect(connection.state).toBe('closing');
  peer.send({ flags: 'A', seq: 2, ack: 2 });
  expect(connection.state).toBe('time-wait');
});

test('FIN and acknowledgement in one go straight to TIME-WAIT', () => {
  const connection = peer.establish();
  connection.end(peer.now);
  peer.send({ flags: 'FA', seq: 1, ack: 2 });
  expect(connection.state).toBe('time-wait');
});

test('a FIN that overtakes data counts when the data is there', () => {
  const connection = peer.establish();
  peer.send({ flags: 'FA', seq: 4, ack: 1 });
  expect(connection.state).toBe('established');
  peer.send({ flags: 'A', seq: 1, ack: 1, data: 3 });
  expect(connection.state).toBe('close-wait');
  expect(peer.take().at(-1)).toBe('A 1 5');
});

test('TIME-WAIT answers a FIN that comes again, and is not ended by a reset', () => {
  const connection = peer.establish();
  connection.end(peer.now);
  peer.send({ flags: 'FA', seq: 1, ack: 2 });
  peer.take();
  peer.pass(9_000);
  peer.send({ flags: 'FA', seq: 1, ack: 2 });
  expect(peer.take()).toEqual(['A 2 2']);
  peer.send({ flags: 'R', seq: 2 });
  peer.pass(9_000);
  expect(connection.state).toBe('time-wait');
});

test('TIME-WAIT makes way for a newer connection, not for an old SYN', () => {
  peer.stack.listen(80, { onConnection: (connection) => connection.end(peer.now) });
  peer.send({ flags: 'S' });
  peer.send({ flags: 'A', seq: 1, ack: 1 });
  peer.send({ flags: 'FA', seq: 1, ack: 2 });
  peer.take();
  peer.send({ flags: 'S', seq: -5 });
  expect(peer.take()).toEqual(['A 2 2']);
  peer.send({ flags: 'S', seq: 1000 });
  expect(peer.take()).toEqual(['SA 0 1001']);
});

test('a FIN that is lost is sent again', () => {
  const connection = peer.establish();
  connection.end(peer.now);
  peer.take();
  peer.pass(1_000);
  expect(peer.take()[0]).toBe('FA 1 1');
});

test('what nobody will read is refused with a reset', () => {
  const connection = peer.watch(peer.establish());
  connection.close(peer.now);
  peer.take();
  peer.send({ flags: 'A', seq: 1, ack: 2, data: 1 });
  expect(peer.take()).toEqual(['R 2']);
  expect(peer.heard).toEqual(['tcp.reset']);
});

test('a peer that never ends is waited for 60 s when nobody reads', () => {
  const connection = peer.establish();
  connection.close(peer.now);
  peer.send({ flags: 'A', seq: 1, ack: 2 });
  peer.pass(60_000);
  expect(connection.state).toBe('closed');
});

test('aborting, and closing with data unread, reset', () => {
  const connection = peer.watch(peer.establish());
  peer.send({ flags: 'A', seq: 1, ack: 1, data: 1 });
  peer.take();
  connection.close(peer.now);
  expect(peer.take()).toEqual(['RA 1 2']);
  expect(peer.heard).toEqual(['readable', 'close']);
  expect(connection.write(peer.now, bytes(1))).toBe(0);
});

test('closing the stack resets all', () => {
  const connection = peer.watch(peer.establish());
  peer.stack.close(peer.now);
  expect(peer.take()).toEqual(['RA 1 1']);
  expect(connection.state).toBe('closed');
  expect(peer.stack.deadline).toBe(Number.POSITIVE_INFINITY);
});
