import type { Arena } from './arena.js';
import { webAssembly } from './web-assembly.js';

/**
 * The ones' complement sum of `bytes[offset, offset + length)` and `initial`, folded to 16 bits and not inverted. Words
 * are little-endian: the sum is the byte-swapped one of RFC 1071 (section 2, "Byte Order Independence"), to be written
 * little-endian. An odd last byte counts as the first half of a word.
 */
export type OnesSum = (offset: number, length: number, initial: number) => number;

// WebAssembly, by hand: no compiler is needed to build netfold. Opcodes by name, as in the specification's index.
const I32 = 0x7f;
const V128 = 0x7b;
const LOCAL_GET = 0x20;
const LOCAL_SET = 0x21;
const LOCAL_TEE = 0x22;
const I32_CONST = 0x41;
const I32_ADD = 0x6a;
const I32_SUB = 0x6b;
const I32_AND = 0x71;
const I32_SHR_U = 0x76;
const I32_GE_U = 0x4f;
const BLOCK = 0x02;
const LOOP = 0x03;
const BR = 0x0c;
const BR_IF = 0x0d;
const I32_EQZ = 0x45;
const EMPTY = 0x40;
const END = 0x0b;
const I32_LOAD16_U = [0x2f, 0, 0];
const I32_LOAD8_U = [0x2d, 0, 0];
const V128_LOAD = (offset: number) => [0xfd, 0x00, 0, offset];
const EXTADD_PAIRWISE_U16 = [0xfd, 0x7f];
const I32X4_ADD = [0xfd, 0xae, 0x01];
const I32X4_LANE = (lane: number) => [0xfd, 0x1b, lane];

// Locals: the three parameters, then two vectors of four partial sums.
const P = 0;
const N = 1;
const SUM = 2;
const A = 3;
const B = 4;

const get = (local: number) => [LOCAL_GET, local];
const set = (local: number) => [LOCAL_SET, local];
const advance = (bytes: number) => [
  ...[...get(P), I32_CONST, bytes, I32_ADD, ...set(P)],
  ...[...get(N), I32_CONST, bytes, I32_SUB, ...set(N)],
];
/** vector += the eight words at `P + offset`, widened and added in pairs */
const accumulate = (vector: number, offset: number) => [
  ...get(vector),
  ...[...get(P), ...V128_LOAD(offset), ...EXTADD_PAIRWISE_U16],
  ...I32X4_ADD,
  ...set(vector),
];
/** Repeats the body while at least `bytes` are left. */
const whileLeft = (bytes: number, body: readonly number[]) => [
  ...[BLOCK, EMPTY, LOOP, EMPTY],
  ...[...get(N), I32_CONST, bytes, I32_GE_U, I32_EQZ, BR_IF, 1],
  ...body,
  ...[BR, 0, END, END],
];
const addLane = (lane: number) => [...get(A), ...I32X4_LANE(lane), ...get(SUM), I32_ADD, ...set(SUM)];
/** SUM = (SUM & 0xffff) + (SUM >>> 16); 0xffff in LEB128 is ff ff 03 */
const FOLD = [
  ...[...get(SUM), I32_CONST, 0xff, 0xff, 0x03, I32_AND],
  ...[...get(SUM), I32_CONST, 16, I32_SHR_U, I32_ADD, LOCAL_TEE, SUM],
];
const DROP = 0x1a;

// 64 KiB hold 32,768 words: at most 2^31 in all, so that 32 bits never overflow before the sums are folded.
const body = [
  ...[1, 2, V128],
  ...whileLeft(32, [...accumulate(A, 0), ...accumulate(B, 16), ...advance(32)]),
  ...[...get(A), ...get(B), ...I32X4_ADD, ...set(A)],
  ...[0, 1, 2, 3].flatMap(addLane),
  ...whileLeft(2, [...get(P), ...I32_LOAD16_U, ...get(SUM), I32_ADD, ...set(SUM), ...advance(2)]),
  ...whileLeft(1, [...get(P), ...I32_LOAD8_U, ...get(SUM), I32_ADD, ...set(SUM), ...advance(1)]),
  ...[...FOLD, DROP, ...FOLD],
  END,
];

const leb = (value: number): number[] => (value < 128 ? [value] : [(value & 127) | 128, ...leb(value >>> 7)]);
const section = (id: number, content: readonly number[]) => [id, ...leb(content.length), ...content];
const text = (name: string) => [name.length, ...new TextEncoder().encode(name)];

const module = (pages: number): Uint8Array<ArrayBuffer> =>
  Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 3, I32, I32, I32, 1, I32]),
    ...section(2, [1, ...text('env'), ...text('memory'), 0x02, 0x01, ...leb(pages), ...leb(pages)]),
    ...section(3, [1, 0]),
    ...section(7, [1, ...text('sum'), 0x00, 0]),
    ...section(10, [1, ...leb(body.length), ...body]),
  ]);

/** Sums over the arena's bytes, sixteen at a time. */
export function onesSumOf({ memory, bytes }: Arena): OnesSum {
  const compiled = new webAssembly.Module(module(bytes.length >>> 16));
  const { sum } = new webAssembly.Instance(compiled, { env: { memory } }).exports;
  return sum as OnesSum;
}
