import { beforeEach, expect, test } from '@jest/globals';
import { WirePeer } from '../testing/wire-peer.js';

let peer: WirePeer;
beforeEach(() => {
  peer = new WirePeer();
});

test('for no connection: reset as the RFC says, unless it is a reset', () => {
  peer.iss = 0;
  peer.send({ flags: 'S' });
  peer.send({ flags: 'A', seq: 5, ack: 7 });
  peer.send({ flags: '', seq: 5, data: 10 });
  peer.send({ flags: 'R', seq: 5 });
  expect(peer.take()).toEqual(['RA 0 1', 'R 7', 'RA 0 15']);
});

test('a reset counts with the very number that is expected, and is asked about within the window', () => {
  const connection = peer.watch(peer.establish());
  peer.send({ flags: 'R', seq: 100 });
  expect(peer.take()).toEqual(['A 1 1']);
  peer.send({ flags: 'R', seq: -100 });
  peer.send({ flags: 'R', seq: 100_000_000 });
  expect(peer.take()).toEqual([]);
  expect(connection.state).toBe('established');
  peer.send({ flags: 'R', seq: 1 });
  expect(peer.heard).toEqual(['tcp.reset']);
});

test('a SYN within a connection, and acknowledgements of what was never sent, are asked about', () => {
  const connection = peer.establish();
  peer.send({ flags: 'S', seq: 10 });
  peer.send({ flags: 'A', seq: 1, ack: 2 });
  peer.send({ flags: 'A', seq: 1, ack: -100_000 });
  expect(peer.take()).toEqual(['A 1 1', 'A 1 1', 'A 1 1']);
  expect(connection.state).toBe('established');
});

test('asking has a limit', () => {
  peer.establish();
  for (let i = 0; i < 100; i++) peer.send({ flags: 'S', seq: 10 });
  expect(peer.take()).toHaveLength(10);
  peer.pass(5_000);
  peer.send({ flags: 'S', seq: 10 });
  expect(peer.take()).toHaveLength(1);
});

test('an old segment, as its timestamp says, is dropped and answered', () => {
  const connection = peer.establish({ timestamps: { value: 1000, echo: 0 } });
  peer.send({ flags: 'A', seq: 1, ack: 1, data: 4, options: { timestamps: { value: 999, echo: 0 } } });
  expect([connection.readable, peer.take()]).toEqual([0, ['A 1 1']]);
  peer.send({ flags: 'A', seq: 1, ack: 1, data: 4 });
  expect(connection.readable).toBe(0);
  peer.send({ flags: 'A', seq: 1, ack: 1, data: 4, options: { timestamps: { value: 1000, echo: 0 } } });
  expect(connection.readable).toBe(4);
});

test('data outside the window is not taken', () => {
  const connection = peer.establish();
  peer.send({ flags: 'A', seq: 70_000, ack: 1, data: 4 });
  peer.send({ flags: 'A', seq: -10, ack: 1, data: 4 });
  expect(connection.readable).toBe(0);
  expect(peer.take()).toEqual(['A 1 1', 'A 1 1']);
  peer.send({ flags: 'A', seq: -3, ack: 1, data: 10 });
  expect(connection.readable).toBe(6);
});
