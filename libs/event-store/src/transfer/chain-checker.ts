import { NetfoldError } from '#kernel';
import { place } from '../errors.js';
import { EMPTY_HEAD, type Head, type LedgerEvent } from '../event.js';
import { eventHash } from '../event-hash.js';
import type { LedgerRow } from './ledger-ports.js';

/** Follows the chains of all streams of a ledger, row by row. */
export class ChainChecker {
  readonly #heads = new Map<string, Head>();
  #count = 0;

  /** The ends of the streams so far. */
  get heads(): ReadonlyMap<string, Head> {
    return this.#heads;
  }

  /** The events so far. */
  get count(): number {
    return this.#count;
  }

  /**
   * Takes the next row, whose text is what its hash covers: that it was canonical when it was sealed needs no check.
   * @throws NetfoldError `chain.unreadable`, `chain.wrong_stream`, `chain.wrong_revision`, `chain.wrong_hash`
   */
  take(row: LedgerRow): void {
    const { stream, revision, hash, body } = row;
    const head = this.#heads.get(stream) ?? EMPTY_HEAD;
    const next = head.revision + 1;
    if (revision !== next) throw broken(row, 'wrong_revision', misplaced(revision, next), next);
    const inside = envelopeOf(row);
    if (inside.stream !== stream || inside.revision !== revision) {
      throw broken(row, 'wrong_stream', `what stands here says of itself that it is ${place(inside)}`);
    }
    const expected = eventHash(head.hash, body);
    if (hash !== expected) {
      throw broken(row, 'wrong_hash', `${inside.type} was changed: its hash is ${hash}, its content gives ${expected}`);
    }
    this.#heads.set(stream, { revision, hash });
    this.#count += 1;
  }
}

const misplaced = (revision: number, next: number): string =>
  revision < next
    ? `revision ${revision} comes a second time, where ${next} belongs`
    : `revision ${next} was removed or put elsewhere: revision ${revision} stands in its place`;

function envelopeOf(row: LedgerRow): Pick<LedgerEvent, 'stream' | 'revision' | 'type'> {
  let value: unknown;
  try {
    value = JSON.parse(row.body);
  } catch (cause) {
    throw broken(row, 'unreadable', 'what stands here is not JSON', row.revision, cause);
  }
  if (isEnvelope(value)) return value;
  throw broken(row, 'unreadable', 'what stands here is no event');
}

const isEnvelope = (value: unknown): value is Pick<LedgerEvent, 'stream' | 'revision' | 'type'> =>
  typeof value === 'object' &&
  value !== null &&
  'stream' in value &&
  typeof value.stream === 'string' &&
  'revision' in value &&
  typeof value.revision === 'number' &&
  'type' in value &&
  typeof value.type === 'string';

function broken(row: LedgerRow, what: string, message: string, revision = row.revision, cause?: unknown): NetfoldError {
  const at = place({ stream: row.stream, revision });
  return new NetfoldError(
    {
      code: `chain.${what}`,
      message,
      where: row.where ? `${at}, ${row.where}` : at,
      hint: 'The ledger was changed from outside. Keep this copy as evidence and restore one that verifies.',
    },
    { cause },
  );
}
