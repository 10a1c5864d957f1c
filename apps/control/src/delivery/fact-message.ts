import { z } from 'zod';
import { fromUtf8, utf8 } from '#kernel';
import type { Delivered } from './delivered.js';
import { EntryWriter, type NodeNumbers, readEntries } from './entry-codec.js';

/** What a replica has learnt of a tailnet's nodes, as it tells the others. */
export interface FactMessage {
  /** Who has learnt it. */
  readonly replica: string;
  /** Counts what this replica tells of this tailnet. */
  readonly sequence: number;
  readonly facts: readonly Delivered[];
}

/** `entries` are packed as in the delivery log's file, with numbers that count the nodes here. */
const Kept = z.object({
  replica: z.string(),
  sequence: z.int().nonnegative(),
  nodes: z.array(z.string()),
  entries: z.base64(),
});

/** Some tens of bytes for each fact. */
export function encodeFacts({ replica, sequence, facts }: FactMessage): Uint8Array {
  const numbers = new CountedNodes();
  const writer = new EntryWriter(numbers);
  for (const fact of facts) writer.add(fact);
  const entries = Buffer.from(writer.bytes()).toString('base64');
  return utf8(JSON.stringify({ replica, sequence, nodes: numbers.nodes, entries } satisfies z.infer<typeof Kept>));
}

/** @throws z.ZodError, SyntaxError when it is none */
export function decodeFacts(bytes: Uint8Array): FactMessage {
  const { replica, sequence, nodes, entries } = Kept.parse(JSON.parse(fromUtf8(bytes)));
  const facts = [...readEntries(Buffer.from(entries, 'base64'), new CountedNodes(nodes))];
  return { replica, sequence, facts };
}

/** Numbers that are given out as nodes come. */
class CountedNodes implements NodeNumbers {
  readonly #numbers: Map<string, number>;

  constructor(readonly nodes: string[] = []) {
    this.#numbers = new Map(nodes.map((node, number) => [node, number]));
  }

  numberOf(nodeId: string): number {
    const number = this.#numbers.get(nodeId) ?? this.nodes.push(nodeId) - 1;
    this.#numbers.set(nodeId, number);
    return number;
  }

  nodeOf(number: number): string {
    return this.nodes[number] ?? '';
  }
}
