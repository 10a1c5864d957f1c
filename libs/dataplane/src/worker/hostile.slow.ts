import { createSocket } from 'node:dgram';
import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import { checksum } from '#net';
import { Dice, fuzz, fuzzSeeds, heapInUse, Mutator } from '#sim';
import { GSO, NEEDS_CSUM, VNET } from '../io/abi.js';
import { settle, WorkerNode } from '../testing/worker-node.js';

const nodes: WorkerNode[] = [];
const stranger = createSocket('udp4');
stranger.bind(0, '127.0.0.1');
afterAll(() => void stranger.close());
afterEach(() => {
  for (const node of nodes.splice(0)) node.close();
});

function pair(): [WorkerNode, WorkerNode] {
  const [a, b] = [new WorkerNode('a', '10.0.0.1'), new WorkerNode('b', '10.0.0.2')];
  nodes.push(a, b);
  a.knows(b);
  b.knows(a, { path: false });
  for (const one of [a, b]) one.allowAll();
  return [a, b];
}

/** An IPv4 datagram whose checksums nobody needs. */
function packet(from: WorkerNode, to: WorkerNode, protocol: number, length: number): Uint8Array {
  const bytes = new Uint8Array(20 + length);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, 0x4500);
  view.setUint16(2, bytes.length);
  bytes[8] = 64;
  bytes[9] = protocol;
  for (const [node, at] of [
    [from, 12],
    [to, 16],
  ] as const) {
    bytes.set(node.address.split('.').map(Number), at);
  }
  view.setUint16(10, checksum(bytes.subarray(0, 20)));
  view.setUint16(20, 5000);
  view.setUint16(22, 6000);
  if (protocol === 17) view.setUint16(24, length);
  else bytes.set([5 << 4, 0x10], 32);
  return bytes;
}

function expectAlive(a: WorkerNode, b: WorkerNode): void {
  for (let i = 0; i < 400; i++) settle(a, b); // what is still under way
  for (const node of [a, b]) node.hostReceives();
  const sent = packet(a, b, 17, 100);
  a.hostSends(sent);
  settle(a, b);
  expect(b.hostReceives().map((got) => got.packet)).toEqual([sent]);
}

describe.each(fuzzSeeds(2))('seed %d', (seed) => {
  const dice = new Dice(seed);
  const mutator = new Mutator(dice, 4200);

  test('40,000 packets of the host, with anything said of them: the loop goes on, and the other side gets packets', () => {
    const [a, b] = pair();
    a.hostSends(packet(a, b, 17, 8));
    settle(a, b);
    const specimens = [6, 17].flatMap((protocol) => [30, 400, 4000].map((length) => packet(a, b, protocol, length)));
    const word = () => (dice.chance(0.5) ? dice.below(70) : dice.below(65_536));
    const header = new Uint8Array(VNET.size);
    const fields = new DataView(header.buffer);
    let got = 0;
    fuzz(dice, 40_000, () => {
      header[VNET.flags] = dice.chance(0.8) ? NEEDS_CSUM : dice.below(256);
      header[VNET.gsoType] = dice.pick([GSO.none, GSO.tcp4, GSO.tcp6, GSO.udp, 255]);
      fields.setUint16(VNET.headerLength, word(), true);
      fields.setUint16(VNET.gsoSize, dice.chance(0.2) ? word() : 400 + dice.below(1000), true);
      fields.setUint16(VNET.checksumStart, dice.chance(0.2) ? word() : 20, true);
      fields.setUint16(VNET.checksumOffset, dice.chance(0.2) ? word() : dice.pick([6, 16]), true);
      a.hostSends(mutator.mutate(specimens), header);
      a.turn();
      b.turn();
      for (const { packet: bytes } of b.hostReceives()) {
        got++;
        if ((bytes[0] as number) >> 4 !== 4 || bytes.length > 65_535) throw new Error(bytes.join());
      }
    });
    expect(got).toBeGreaterThan(5_000);
    expectAlive(a, b);
  });

  test('30,000 datagrams of a stranger: no answer, nothing for the host, and memory stays as it is', async () => {
    const [a, b] = pair();
    a.hostSends(packet(a, b, 17, 8));
    settle(a, b);
    b.hostReceives();
    const specimens = [148, 92, 64, 32, 96, 1452].map((length, kind) => {
      const bytes = dice.bytes(length);
      bytes.set([Math.min(4, kind + 1), 0, 0, 0]);
      return bytes;
    });
    let answers = 0;
    stranger.on('message', () => {
      answers++;
    });
    const flood = async (rounds: number) => {
      for (let round = 0; round < rounds; round++) {
        for (let i = 0; i < 100; i++) stranger.send(mutator.mutate(specimens).slice(), b.sockets.port, '127.0.0.1');
        await new Promise((resolve) => setImmediate(resolve));
        for (let turns = 0; turns < 16; turns++) b.turn(); // each takes one batch
        b.notices.length = 0;
        expect(b.hostReceives()).toEqual([]);
      }
    };
    await flood(100);
    const before = heapInUse();
    await flood(200);
    expect(heapInUse() - before).toBeLessThan(8);
    expect(answers).toBe(0);
    expectAlive(a, b);
    stranger.removeAllListeners('message');
  });
});
