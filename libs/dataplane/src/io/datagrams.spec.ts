import { afterAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { NetfoldError, toHex } from '#kernel';
import { Arena } from '../memory/arena.js';
import { DatagramInput } from './datagram-input.js';
import { DatagramOutput } from './datagram-output.js';
import { socketPathTo } from './socket-address.js';
import { closeUdpSockets, openUdpSockets } from './udp-sockets.js';

const here = openUdpSockets(0, 0);
const there = openUdpSockets(0, 0);
afterAll(() => {
  for (const sockets of [here, there]) closeUdpSockets(sockets);
});

const arena = new Arena(16 << 20);
const output = new DatagramOutput(arena, here);
const input = new DatagramInput(arena, there.joined);
const paths = [
  socketPathTo({ address: '127.0.0.1', port: there.port }),
  ...(there.v6 < 0 ? [] : [socketPathTo({ address: '::1', port: there.port })]),
];

/** What has arrived over each of the paths, with the keys of the paths that it came by. */
function arrived(): { readonly datagrams: string[]; readonly sources: Set<string> }[] {
  return [there.v4, there.v6].slice(0, paths.length).map((fd) => {
    const [datagrams, sources] = [[] as string[], new Set<string>()];
    const take = (path: { readonly key: string }, offset: number, length: number) => {
      datagrams.push(toHex(arena.bytes.subarray(offset, offset + length)));
      sources.add(path.key);
    };
    while (input.receive(fd, take) > 0);
    return { datagrams, sources };
  });
}

/** As a run of datagrams of the same length is sent at once, lengths repeat. */
const lengths = fc
  .array(fc.record({ length: fc.integer({ min: 1, max: 1500 }), times: fc.integer({ min: 1, max: 80 }) }), {
    maxLength: 4,
  })
  .map((runs) => runs.flatMap(({ length, times }) => new Array<number>(times).fill(length)).slice(0, 100));

test.each([true, false])('datagrams arrive whole and in order at each address (split by the kernel: %p)', (splits) => {
  output.splits = splits;
  fc.assert(
    fc.property(lengths, fc.array(fc.nat(paths.length - 1), { minLength: 1, maxLength: 5 }), (sizes, turns) => {
      const sent = paths.map(() => [] as string[]);
      for (const [index, size] of sizes.entries()) {
        const to = turns[Math.floor(index / 10) % turns.length] as number;
        const datagram = new Uint8Array(size).fill(index + 1);
        arena.bytes.set(datagram, output.place);
        output.push(paths[to] as (typeof paths)[number], size);
        sent[to]?.push(toHex(datagram));
      }
      output.flush();
      expect(arrived().map(({ datagrams }) => datagrams)).toEqual(sent);
    }),
    { numRuns: 40 },
  );
  expect(output.splits).toBe(splits);
  expect(output.refused).toBe(0);
});

/** What batches were told to begin with, and what was taken: the messages of each, and whether the one is the other. */
function batches(input: DatagramInput): { readonly sizes: number[]; readonly agree: boolean } {
  const [told, taken, sizes] = [[] as number[], [] as number[], [] as number[]];
  const expecting = (offsets: Int32Array, count: number) => void told.push(...offsets.subarray(0, count));
  for (let before = 0; ; before = taken.length) {
    const received = input.receive(
      there.v4,
      (_, offset) => {
        if (arena.bytes[offset] === 1) taken.push(offset);
      },
      expecting,
    );
    if (received === 0) return { sizes, agree: told.join() === taken.join() };
    sizes.push(taken.length - before);
  }
}

test('a batch says where its messages begin, and has more of them while each is one datagram', () => {
  const first = (length: number) => output.copy(paths[0] as (typeof paths)[number], new Uint8Array(length).fill(1));
  const further = (length: number) => output.copy(paths[0] as (typeof paths)[number], new Uint8Array(length).fill(2));
  const single = () => {
    for (let i = 1; i <= 20; i++) first(100 + 10 * i); // each longer than the one before, which ends a run
    output.flush();
  };
  const joined = () => {
    for (let i = 1; i <= 6; i++) {
      first(100 + 10 * i);
      for (let j = 0; j < 9; j++) further(100 + 10 * i);
    }
    output.flush();
  };
  const fresh = new DatagramInput(arena, there.joined);
  output.splits = true;
  single();
  expect(batches(fresh)).toEqual({ sizes: there.joined ? [16, 4] : [20], agree: true });
  if (!there.joined) return;
  joined();
  joined();
  expect(batches(fresh)).toEqual({ sizes: [12], agree: true });
  joined();
  expect(batches(fresh)).toEqual({ sizes: [4, 2], agree: true });
});

test('datagrams carry the address that they came from', () => {
  for (const path of paths) output.copy(path, Uint8Array.of(1, 2, 3));
  output.flush();
  const keys = arrived().map(({ sources }) => [...sources]);
  expect(keys).toEqual([[`127.0.0.1:${here.port}`], [`[::1]:${here.port}`]].slice(0, paths.length));
});

test('one that cannot be sent is counted, and does not keep the others', () => {
  const refused = output.refused;
  output.copy(socketPathTo({ address: '127.0.0.1', port: 0 }), Uint8Array.of(1));
  output.copy(paths[0] as (typeof paths)[number], Uint8Array.of(2));
  output.flush();
  expect(output.refused).toBe(refused + 1);
  expect(arrived()[0]?.datagrams).toEqual(['02']);
});

test('a port that is taken is said to be', () => {
  const attempt = () => openUdpSockets(here.port, 0);
  expect(attempt).toThrow(NetfoldError);
  expect(attempt).toThrow(/in use by another program/);
});
