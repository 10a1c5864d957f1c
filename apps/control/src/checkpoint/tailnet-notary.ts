import { equalBytes } from '#kernel';
import { formatVerifierKey, type NoteSigner, signCheckpoint } from '#merkle';
import { encodeCheckpoint, type LedgerHead } from '#wire';
import type { CheckpointSource, LedgerStep } from '../stream/checkpoint-source.js';
import type { LedgerTree } from './ledger-tree.js';

interface Signed {
  readonly size: number;
  readonly note: string;
}

/**
 * Signs what the ledger of one tailnet is, once for each size that anybody asks for the newest at: a signature costs
 * more than all else, and ten thousand agents are told of the same batch of events by the same bytes.
 */
export class TailnetNotary implements CheckpointSource {
  #newest: Signed | undefined;
  /** Steps to the newest checkpoint, by the size that they start from. */
  readonly #steps = new Map<number, LedgerStep>();

  constructor(
    private readonly tree: LedgerTree,
    private readonly signer: NoteSigner,
  ) {}

  /** The public key as text (c2sp.org/signed-note). */
  get key(): string {
    return formatVerifierKey(this.signer.key);
  }

  /** The newest checkpoint. */
  get latest(): Signed {
    if (this.#newest?.size !== this.tree.size) {
      this.#newest = { size: this.tree.size, note: this.noteAt(this.tree.size) };
      this.#steps.clear();
    }
    return this.#newest;
  }

  /** The signed checkpoint of the first events. @throws NetfoldError `merkle.out_of_range` */
  noteAt(size: number): string {
    return signCheckpoint({ size, root: this.tree.root(size) }, this.signer);
  }

  hasBeen({ size, root }: LedgerHead): boolean {
    return size <= this.tree.size && equalBytes(root, this.tree.root(size));
  }

  since(from: number): LedgerStep {
    const { size, note } = this.latest;
    const known = this.#steps.get(from);
    if (known) return known;
    const step = { note, from, proof: this.tree.consistency(from, size), ...(from === 0 && { key: this.key }) };
    const fresh = { size, encoded: encodeCheckpoint(step) };
    this.#steps.set(from, fresh);
    return fresh;
  }
}
