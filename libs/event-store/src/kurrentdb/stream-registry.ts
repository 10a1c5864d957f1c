import { hash } from 'node:crypto';
import { NetfoldError } from '#kernel';
import { KURRENT_FORMAT, uuidOf } from './event-codec.js';
import type { KurrentConnection } from './kurrent-connection.js';
import { kurrentError } from './kurrent-error.js';
import { PAGE } from './ledger-reader.js';
import { type RetryOptions, retry } from './retry.js';
import type { StreamNames } from './stream-names.js';

/**
 * Which streams a ledger has: KurrentDB does not tell without a projection that may be switched off. A stream is entered
 * before its first event, so that none is missing; one that is entered twice, or has no event yet, does no harm.
 */
export class StreamRegistry {
  readonly #known = new Map<string, Promise<void>>();
  /** The first revision of the registry that was not read yet. */
  #next = 0;

  constructor(
    private readonly connection: KurrentConnection,
    private readonly names: Pick<StreamNames, 'registry' | 'kurrent'>,
    private readonly patience: RetryOptions,
  ) {}

  /** Resolves when the stream is entered. */
  enter(stream: string): Promise<void> {
    const known = this.#known.get(stream) ?? this.#write(stream);
    this.#known.set(stream, known);
    known.catch(() => this.#known.delete(stream));
    return known;
  }

  /** The streams that were entered up to now, sorted; by others too. */
  async streams(): Promise<readonly string[]> {
    for (;;) {
      const page = await retry(
        () => this.connection.page(this.names.registry, { from: BigInt(this.#next), limit: PAGE }),
        this.patience,
      );
      for (const { data, revision } of page) {
        const { stream, format } = data as { readonly stream?: unknown; readonly format?: unknown };
        if (typeof format === 'number' && format > KURRENT_FORMAT) throw newerLedger(this.connection.name, format);
        if (typeof stream === 'string' && !this.#known.has(stream)) this.#known.set(stream, Promise.resolve());
        this.#next = Number(revision) + 1;
      }
      if (page.length < PAGE) break;
    }
    return [...this.#known.keys()].sort();
  }

  async #write(stream: string): Promise<void> {
    const entry = {
      id: uuidOf(hash('sha256', this.names.kurrent(stream), 'hex')),
      contentType: 'application/json' as const,
      type: 'StreamEntered',
      data: { stream, format: KURRENT_FORMAT },
      metadata: undefined,
    };
    try {
      await retry(() => this.connection.append(this.names.registry, undefined, [entry]), this.patience);
    } catch (error) {
      throw kurrentError(this.connection.name, error);
    }
  }
}

const newerLedger = (where: string, format: number): NetfoldError =>
  new NetfoldError({
    code: 'store.newer_format',
    message: `the ledger is kept in the format ${format}; this netfold knows up to ${KURRENT_FORMAT}`,
    where,
    hint: 'Start the newer netfold that wrote it.',
  });
