import type { Delivered, DeliveredFrame } from './delivered.js';
import { ITEM_KINDS, type ItemCounts, type KindCounts } from './item-counts.js';
import { NumberReader, NumberWriter } from './packed-numbers.js';

/** Gives nodes small numbers, and finds them again. */
export interface NodeNumbers {
  numberOf(nodeId: string): number;
  nodeOf(number: number): string;
}

const KINDS = ['frame', 'unchanged', 'resumed', 'left'] as const;
const CHANGES = ['removed', 'replaced', 'added'] as const satisfies readonly (keyof KindCounts)[];
const SNAPSHOT = 4;

/** Packs facts one behind the other, each as what differs from the one before: some 15 bytes for an acknowledgement. */
export class EntryWriter {
  readonly #numbers = new NumberWriter();
  #holds = 0;
  #at = 0;

  constructor(private readonly nodes: NodeNumbers) {}

  get length(): number {
    return this.#numbers.length;
  }

  add({ kind, nodeId, holds, at, frame }: Delivered): void {
    const numbers = this.#numbers;
    numbers.unsigned(KINDS.indexOf(kind) | (frame && frame.base === undefined ? SNAPSHOT : 0));
    numbers.unsigned(this.nodes.numberOf(nodeId));
    numbers.signed(holds - this.#holds);
    numbers.signed(at - this.#at);
    [this.#holds, this.#at] = [holds, at];
    if (frame) this.#addFrame(holds, at, frame);
  }

  bytes(): Uint8Array {
    return this.#numbers.bytes();
  }

  #addFrame(holds: number, at: number, { revision, base, sentAt, bytes, counts }: DeliveredFrame): void {
    const numbers = this.#numbers;
    numbers.signed(holds - revision);
    if (base !== undefined) numbers.signed(revision - base);
    numbers.signed(at - sentAt);
    numbers.unsigned(bytes);
    for (const number of packedCounts(counts)) numbers.unsigned(number);
  }
}

// Most viewers of an event have the same diff, and so the same counts.
const packed = new WeakMap<ItemCounts, readonly number[]>();

/** A mask of the counts that are not zero, and these. */
function packedCounts(counts: ItemCounts): readonly number[] {
  const known = packed.get(counts);
  if (known) return known;
  const all = ITEM_KINDS.flatMap((kind) => CHANGES.map((change) => counts[kind]?.[change] ?? 0));
  const mask = all.reduce((bits, count, i) => (count > 0 ? bits | (1 << i) : bits), 0);
  const numbers = [mask, ...all.filter((count) => count > 0)];
  packed.set(counts, numbers);
  return numbers;
}

/** The facts that an `EntryWriter` packed, in order. */
export function* readEntries(bytes: Uint8Array, nodes: NodeNumbers): Generator<Delivered> {
  const numbers = new NumberReader(bytes);
  let [holds, at] = [0, 0];
  while (!numbers.done) {
    const head = numbers.unsigned();
    const kind = KINDS[head % SNAPSHOT] ?? 'left';
    const nodeId = nodes.nodeOf(numbers.unsigned());
    holds += numbers.signed();
    at += numbers.signed();
    const frame = kind === 'frame' ? readFrame(numbers, holds, at, head >= SNAPSHOT) : undefined;
    yield { kind, nodeId, holds, at, ...(frame && { frame }) };
  }
}

function readFrame(numbers: NumberReader, holds: number, at: number, snapshot: boolean): DeliveredFrame {
  const revision = holds - numbers.signed();
  const base = snapshot ? undefined : revision - numbers.signed();
  const sentAt = at - numbers.signed();
  const bytes = numbers.unsigned();
  return { revision, base, sentAt, bytes, counts: readCounts(numbers) };
}

function readCounts(numbers: NumberReader): ItemCounts {
  const mask = numbers.unsigned();
  const counts: { -readonly [K in keyof ItemCounts]: KindCounts } = {};
  ITEM_KINDS.forEach((kind, i) => {
    const bits = (mask >> (i * CHANGES.length)) & 7;
    if (bits === 0) return;
    const [removed, replaced, added] = CHANGES.map((_, j) => (bits & (1 << j) ? numbers.unsigned() : 0));
    counts[kind] = { removed: removed ?? 0, replaced: replaced ?? 0, added: added ?? 0 };
  });
  return counts;
}
