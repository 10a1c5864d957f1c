import { equalBytes, NetfoldError, type Problem, problemOf } from '#kernel';
import { type Checkpoint, CompactRange } from '#merkle';
import { EMPTY_HEAD, type Head } from '../event.js';
import { ledgerHasher, ledgerLeaf, ledgerOrigin } from '../ledger-leaf.js';
import { ChainChecker } from './chain-checker.js';
import type { LedgerRow, LedgerSource } from './ledger-ports.js';

/** The first that is wrong with a stream. */
export interface Finding extends Problem {
  readonly stream: string;
  /** Of the first event that is wrong, or missing. */
  readonly revision: number;
}

/** A stream as far as it is right. */
export interface StreamReport {
  readonly stream: string;
  readonly head: Head;
  /** Of the Merkle tree over its events. */
  readonly root: Uint8Array;
  /** The sizes at which a signed checkpoint says the same. */
  readonly confirmed: readonly number[];
}

export interface LedgerReport {
  /** All events that were looked at. */
  readonly events: number;
  readonly streams: readonly StreamReport[];
  /** At most one for each stream, in the order in which the events are stored. */
  readonly findings: readonly Finding[];
}

export interface VerifyOptions {
  /** What was signed about the ledger and kept elsewhere; the signatures are verified already. */
  readonly checkpoints?: readonly Checkpoint[];
  /** Told now and then how many events were looked at. */
  readonly progress?: (done: number) => void;
}

const PROGRESS_EVERY = 1_000;

/**
 * Recomputes every hash of a ledger. Events that were changed, removed, added or put elsewhere are found by themselves;
 * an end that was removed with its head, and a history that was rewritten with all its hashes, only by a checkpoint.
 * @throws NetfoldError when the source cannot be read at all
 */
export async function verifyLedger(
  source: LedgerSource,
  { checkpoints = [], progress = () => {} }: VerifyOptions = {},
): Promise<LedgerReport> {
  const run = new Verification(checkpoints);
  for await (const row of source.rows()) {
    run.take(row);
    if (run.events % PROGRESS_EVERY === 0) progress(run.events);
  }
  progress(run.events);
  return run.report(await source.heads());
}

class Verification {
  events = 0;
  readonly #chains = new ChainChecker();
  readonly #trees = new Map<string, CompactRange>();
  readonly #findings = new Map<string, Finding>();
  readonly #confirmed = new Map<string, number[]>();

  constructor(private readonly checkpoints: readonly Checkpoint[]) {}

  take(row: LedgerRow): void {
    this.events += 1;
    if (this.#findings.has(row.stream)) return; // whatever follows the first wrong event says nothing more
    try {
      this.#chains.take(row);
    } catch (error) {
      if (!(error instanceof NetfoldError)) throw error;
      this.#find(row.stream, this.#headOf(row.stream).revision + 1, problemOf(error));
      return;
    }
    const tree = this.#treeOf(row.stream);
    tree.append(ledgerLeaf(row.hash));
    this.#compare(row.stream, tree);
  }

  /** @param heads by the ledger's own account */
  report(heads: ReadonlyMap<string, Head> | undefined): LedgerReport {
    for (const [stream, head] of heads ?? []) this.#requireEnd(stream, head);
    for (const [stream, { revision }] of this.#chains.heads) {
      if (heads && !heads.has(stream)) this.#find(stream, revision, noHead());
    }
    for (const { origin, size } of this.checkpoints) this.#requireSize(origin, size);
    const streams = [...this.#chains.heads].sort(([a], [b]) => (a < b ? -1 : 1));
    return {
      events: this.events,
      streams: streams.map(([stream, head]) => ({
        stream,
        head,
        root: this.#treeOf(stream).root,
        confirmed: this.#confirmed.get(stream) ?? [],
      })),
      findings: [...this.#findings.values()],
    };
  }

  #compare(stream: string, tree: CompactRange): void {
    for (const { origin, size, root } of this.checkpoints) {
      if (size !== tree.size || origin !== ledgerOrigin(stream)) continue;
      if (equalBytes(tree.root, root)) this.#confirmed.set(stream, [...(this.#confirmed.get(stream) ?? []), size]);
      else this.#find(stream, size - 1, rewritten(size));
    }
  }

  #requireEnd(stream: string, head: Head): void {
    const found = this.#headOf(stream);
    if (found.revision < head.revision) {
      this.#find(stream, found.revision + 1, truncated(found.revision, `the ledger's own head is ${head.revision}`));
    } else if (found.revision !== head.revision || found.hash !== head.hash) {
      this.#find(stream, found.revision, wrongHead(head));
    }
  }

  #requireSize(origin: string, size: number): void {
    const stream = [...this.#chains.heads.keys()].find((one) => ledgerOrigin(one) === origin);
    const last = this.#headOf(stream ?? '').revision;
    if (size <= last + 1) return;
    const named = stream ?? origin.slice(ledgerOrigin('').length);
    this.#find(named, last + 1, truncated(last, `a signed checkpoint covers ${size} events`));
  }

  #find(stream: string, revision: number, problem: Problem): void {
    if (!this.#findings.has(stream)) {
      this.#findings.set(stream, { where: `${stream}@${revision}`, ...problem, stream, revision });
    }
  }

  #headOf = (stream: string): Head => this.#chains.heads.get(stream) ?? EMPTY_HEAD;

  #treeOf(stream: string): CompactRange {
    const known = this.#trees.get(stream);
    if (known) return known;
    const fresh = new CompactRange(ledgerHasher);
    this.#trees.set(stream, fresh);
    return fresh;
  }
}

const HINT = 'The ledger was changed from outside. Keep this copy as evidence and restore one that verifies.';

const truncated = (last: number, why: string): Problem => ({
  code: 'chain.truncated',
  message: last < 0 ? `all events are gone: ${why}` : `everything after revision ${last} is gone: ${why}`,
  hint: HINT,
});

const wrongHead = ({ revision, hash }: Head): Problem => ({
  code: 'chain.wrong_head',
  message: `the ledger's own head is revision ${revision} with the hash ${hash}, which is not how its events end`,
  hint: HINT,
});

const noHead = (): Problem => ({
  code: 'chain.wrong_head',
  message: 'the ledger does not say any more where its events end',
  hint: HINT,
});

const rewritten = (size: number): Problem => ({
  code: 'chain.rewritten',
  message: `history was rewritten, hashes and all: the first ${size} events are not those that were signed`,
  hint: 'Compare with an export or a checkpoint of fewer events to find where it begins. Keep this copy as evidence.',
});
