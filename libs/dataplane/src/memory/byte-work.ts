import { type WasmMemory, webAssembly } from './web-assembly.js';

/** Work on the bytes of an arena, where JavaScript would take a call of C++ or a step for each byte. */
export interface ByteWork {
  /**
   * The ones' complement sum of `bytes[offset, offset + length)` and `initial`, folded to 16 bits and not inverted. Words
   * are little-endian: the sum is the byte-swapped one of RFC 1071 (section 2, "Byte Order Independence"), to be written
   * little-endian. An odd last byte counts as the first half of a word.
   */
  readonly sum: (offset: number, length: number, initial: number) => number;
  /** Copies `length` bytes from `from` to `to`. */
  readonly copy: (to: number, from: number, length: number) => void;
  /** Copies to where nothing is left to be read, and sums what it copies, in one go. */
  readonly copyAndSum: (to: number, from: number, length: number, initial: number) => number;
  /** Copies the 64 bytes at `place` to `aside`, and leaves zeros. */
  readonly setAside: (place: number, aside: number) => void;
}

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
const DROP = 0x1a;
const EMPTY = 0x40;
const END = 0x0b;
const I32_LOAD16_U = [0x2f, 0, 0];
const I32_LOAD8_U = [0x2d, 0, 0];
const I32_STORE16 = [0x3b, 0, 0];
const I32_STORE8 = [0x3a, 0, 0];
const V128_LOAD = (offset: number) => [0xfd, 0x00, 0, offset];
const V128_STORE = (offset: number) => [0xfd, 0x0b, 0, offset];
const V128_ZERO = [0xfd, 0x0c, ...new Array<number>(16).fill(0)];
const MEMORY_COPY = [0xfc, 0x0a, 0, 0];
const EXTADD_PAIRWISE_U16 = [0xfd, 0x7f];
const I32X4_ADD = [0xfd, 0xae, 0x01];
const I32X4_LANE = (lane: number) => [0xfd, 0x1b, lane];

const get = (local: number) => [LOCAL_GET, local];
const set = (local: number) => [LOCAL_SET, local];
const tee = (local: number) => [LOCAL_TEE, local];
const step = (local: number, operation: number, bytes: number) => [
  ...[...get(local), I32_CONST, bytes, operation, ...set(local)],
];

/** The local variables of a sum: of how many bytes from where, so far, in two vectors of four parts each. */
interface SumLocals {
  readonly from: number;
  /** Where they are copied to at the same time. */
  readonly to?: number;
  readonly count: number;
  readonly sum: number;
  readonly vectors: readonly [number, number];
  /** For what was just read. */
  readonly block: number;
  readonly word: number;
}

/** Adds what is in bytes `[from, from + count)`, sixteen at a time while it can. */
function summing({ from, to, count, sum, vectors, block, word }: SumLocals): readonly number[] {
  const store = (what: number, how: readonly number[]) => (to === undefined ? [] : [...get(to), ...get(what), ...how]);
  const advance = (bytes: number) => [
    ...step(from, I32_ADD, bytes),
    ...(to === undefined ? [] : step(to, I32_ADD, bytes)),
    ...step(count, I32_SUB, bytes),
  ];
  /** vector += the eight words at `from + offset`, widened and added in pairs */
  const accumulate = (vector: number, offset: number) => [
    ...[...get(from), ...V128_LOAD(offset), ...set(block), ...store(block, V128_STORE(offset))],
    ...[...get(vector), ...get(block), ...EXTADD_PAIRWISE_U16, ...I32X4_ADD, ...set(vector)],
  ];
  const addWord = (load: readonly number[], how: readonly number[]) => [
    ...[...get(from), ...load, ...set(word), ...store(word, how)],
    ...[...get(sum), ...get(word), I32_ADD, ...set(sum)],
  ];
  /** Repeats the body while at least `bytes` are left. */
  const whileLeft = (bytes: number, body: readonly number[]) => [
    ...[BLOCK, EMPTY, LOOP, EMPTY],
    ...[...get(count), I32_CONST, bytes, I32_GE_U, I32_EQZ, BR_IF, 1],
    ...[...body, ...advance(bytes)],
    ...[BR, 0, END, END],
  ];
  const [a, b] = vectors;
  const addLane = (lane: number) => [...get(a), ...I32X4_LANE(lane), ...get(sum), I32_ADD, ...set(sum)];
  /** sum = (sum & 0xffff) + (sum >>> 16); 0xffff in LEB128 is ff ff 03 */
  const fold = [
    ...[...get(sum), I32_CONST, 0xff, 0xff, 0x03, I32_AND],
    ...[...get(sum), I32_CONST, 16, I32_SHR_U, I32_ADD, ...tee(sum)],
  ];
  // 64 KiB hold 32,768 words: at most 2^31 in all, so that 32 bits never overflow before the sums are folded.
  return [
    ...whileLeft(32, [...accumulate(a, 0), ...accumulate(b, 16)]),
    ...[...get(a), ...get(b), ...I32X4_ADD, ...set(a)],
    ...[0, 1, 2, 3].flatMap(addLane),
    ...whileLeft(2, addWord(I32_LOAD16_U, I32_STORE16)),
    ...whileLeft(1, addWord(I32_LOAD8_U, I32_STORE8)),
    ...[...fold, DROP, ...fold],
  ];
}

/** A function of so many numbers, with these local variables behind them: how many, and of which type. */
interface WasmFunction {
  readonly name: keyof ByteWork;
  readonly parameters: number;
  readonly result: boolean;
  readonly locals: readonly (readonly [number, number])[];
  readonly body: readonly number[];
}

const FUNCTIONS: readonly WasmFunction[] = [
  {
    name: 'sum',
    parameters: 3,
    result: true,
    locals: [
      [3, V128],
      [1, I32],
    ],
    body: summing({ from: 0, count: 1, sum: 2, vectors: [3, 4], block: 5, word: 6 }),
  },
  {
    name: 'copy',
    parameters: 3,
    result: false,
    locals: [],
    body: [...get(0), ...get(1), ...get(2), ...MEMORY_COPY],
  },
  {
    name: 'copyAndSum',
    parameters: 4,
    result: true,
    locals: [
      [3, V128],
      [1, I32],
    ],
    body: summing({ to: 0, from: 1, count: 2, sum: 3, vectors: [4, 5], block: 6, word: 7 }),
  },
  {
    name: 'setAside',
    parameters: 2,
    result: false,
    locals: [],
    body: [0, 16, 32, 48].flatMap((at) => [
      ...[...get(1), ...get(0), ...V128_LOAD(at), ...V128_STORE(at)],
      ...[...get(0), ...V128_ZERO, ...V128_STORE(at)],
    ]),
  },
];

const leb = (value: number): number[] => (value < 128 ? [value] : [(value & 127) | 128, ...leb(value >>> 7)]);
const section = (id: number, content: readonly number[]) => [id, ...leb(content.length), ...content];
const text = (name: string) => [name.length, ...new TextEncoder().encode(name)];

const vector = (items: readonly (readonly number[])[]) => [...leb(items.length), ...items.flat()];

function codeOf({ locals, body }: WasmFunction): readonly number[] {
  const code = [...vector(locals), ...body, END];
  return [...leb(code.length), ...code];
}

function typeOf({ parameters, result }: WasmFunction): readonly number[] {
  const types = new Array<number>(parameters).fill(I32);
  return [0x60, parameters, ...types, ...(result ? [1, I32] : [0])];
}

const module = (pages: number): Uint8Array<ArrayBuffer> =>
  Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, vector(FUNCTIONS.map(typeOf))),
    ...section(2, [1, ...text('env'), ...text('memory'), 0x02, 0x01, ...leb(pages), ...leb(pages)]),
    ...section(3, vector(FUNCTIONS.map((_, index) => [index]))),
    ...section(7, vector(FUNCTIONS.map(({ name }, index) => [...text(name), 0x00, index]))),
    ...section(10, vector(FUNCTIONS.map(codeOf))),
  ]);

/** @param pages the size of the memory, in units of 64 KiB */
export function byteWorkOn(memory: WasmMemory, pages: number): ByteWork {
  const compiled = new webAssembly.Module(module(pages));
  return new webAssembly.Instance(compiled, { env: { memory } }).exports as unknown as ByteWork;
}
