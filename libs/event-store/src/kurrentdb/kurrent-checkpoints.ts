import { randomUUID } from 'node:crypto';
import type { KurrentConnection } from './kurrent-connection.js';
import { kurrentCorrupt, kurrentError } from './kurrent-error.js';
import { type RetryOptions, retry } from './retry.js';
import type { StreamNames } from './stream-names.js';

/** How far consumers have come: the last event of a stream for each, which keeps no more than that. */
export class KurrentCheckpoints {
  /** The streams that were told to keep only their last event. */
  readonly #limited = new Set<string>();

  constructor(
    private readonly connection: KurrentConnection,
    private readonly names: StreamNames,
    private readonly patience: RetryOptions,
  ) {}

  async read(consumer: string): Promise<number | undefined> {
    const stream = this.names.checkpoint(consumer);
    const page = () => this.connection.page(stream, { from: 'end', limit: 1, backwards: true });
    const [last] = await retry(page, this.patience);
    if (!last) return undefined;
    const { position } = last.data as { readonly position?: unknown };
    if (typeof position === 'number') return position;
    throw kurrentCorrupt(this.connection.name, `the checkpoint of ${consumer} is not readable`);
  }

  /** A repetition after a failure may store it twice, which says the same. */
  async save(consumer: string, position: number): Promise<void> {
    const stream = this.names.checkpoint(consumer);
    const event = {
      id: randomUUID(),
      contentType: 'application/json' as const,
      type: 'CheckpointSaved',
      data: { position },
      metadata: undefined,
    };
    try {
      if (!this.#limited.has(stream)) await retry(() => this.connection.keepLast(stream), this.patience);
      this.#limited.add(stream);
      await retry(() => this.connection.append(stream, undefined, [event]), this.patience);
    } catch (error) {
      throw kurrentError(this.connection.name, error);
    }
  }
}
