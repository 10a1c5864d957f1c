import { NetfoldError } from '#kernel';
import { EMPTY_HEAD, type Head } from '../event.js';
import { ChainChecker } from './chain-checker.js';
import type { LedgerRow, LedgerSource, LedgerTarget } from './ledger-ports.js';

export interface ReplayReport {
  /** The events of the source. */
  readonly events: number;
  /** Those that the target did not have. */
  readonly copied: number;
  readonly heads: ReadonlyMap<string, Head>;
}

export interface ReplayOptions {
  /** Told now and then how many events of the source were read and, if need be, copied. */
  readonly progress?: (done: number) => void;
  /** Ends the copy between two batches; what was copied stays, and another replay goes on from there. */
  readonly signal?: AbortSignal;
}

/** A batch is written when it has so many events or characters. */
const MAX_BATCH = 512;
const MAX_BATCH_LENGTH = 4 << 20;

/**
 * Copies a ledger bit for bit: the same events in the same order with the same hashes, each recomputed on the way. What
 * the target holds already must be the beginning of the source; then it goes on from there, so that a copy that was cut
 * off is finished by another one.
 * @throws NetfoldError `chain.…` for the first wrong event of the source, `replay.other_content`,
 * `replay.interrupted`, and what source and target throw
 */
export async function replayLedger(
  from: LedgerSource,
  to: LedgerTarget,
  { progress = () => {}, signal }: ReplayOptions = {},
): Promise<ReplayReport> {
  const chains = new ChainChecker();
  const held = await to.heads();
  const known = countOf(held);
  const batch = new Batch(to);
  for await (const row of from.rows()) {
    chains.take(row);
    if (chains.count === known) requireSame(to, held, chains.heads);
    if (chains.count <= known) continue;
    if (!batch.add(row)) continue;
    if (signal?.aborted) throw interrupted(to);
    await batch.write();
    progress(chains.count);
  }
  if (chains.count < known) throw otherContent(to, `it has ${known} events, more than the ${chains.count} to copy`);
  await batch.write();
  if (signal?.aborted) throw interrupted(to);
  await to.finish();
  progress(chains.count);
  return { events: chains.count, copied: chains.count - known, heads: chains.heads };
}

/** Rows on their way to the target. */
class Batch {
  #rows: LedgerRow[] = [];
  #length = 0;

  constructor(private readonly to: LedgerTarget) {}

  /** Whether it is time to write. */
  add(row: LedgerRow): boolean {
    this.#rows.push(row);
    this.#length += row.body.length;
    return this.#rows.length >= MAX_BATCH || this.#length >= MAX_BATCH_LENGTH;
  }

  async write(): Promise<void> {
    const rows = this.#rows;
    this.#rows = [];
    this.#length = 0;
    if (rows.length > 0) await this.to.append(rows);
  }
}

function countOf(heads: ReadonlyMap<string, Head>): number {
  let events = 0;
  for (const { revision } of heads.values()) events += revision + 1;
  return events;
}

/** The target has as many events as were read so far: each stream must end at the same one. */
function requireSame(to: LedgerTarget, held: ReadonlyMap<string, Head>, read: ReadonlyMap<string, Head>): void {
  for (const [stream, head] of held) {
    const { revision, hash } = read.get(stream) ?? EMPTY_HEAD;
    if (head.revision === revision && head.hash === hash) continue;
    throw otherContent(to, `${stream} ends there at revision ${head.revision} with another history`);
  }
}

const otherContent = ({ name }: LedgerTarget, why: string): NetfoldError =>
  new NetfoldError({
    code: 'replay.other_content',
    message: `the target is not the beginning of this ledger: ${why}`,
    where: name,
    hint: 'copy to another place; nothing was changed',
  });

const interrupted = ({ name }: LedgerTarget): NetfoldError =>
  new NetfoldError({
    code: 'replay.interrupted',
    message: 'the copy was interrupted',
    where: name,
    hint: 'repeat the command: it goes on where it stopped',
  });
