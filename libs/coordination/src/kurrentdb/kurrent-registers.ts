import { randomUUID } from 'node:crypto';
import {
  isWrongRevision,
  type KurrentOptions,
  kurrentError,
  type OpenLedger,
  type Recorded,
  type RetryOptions,
  reachLedger,
  retry,
  StreamRegistry,
  storeClosed,
} from '#event-store';
import { NetfoldError } from '#kernel';
import { type Register, type Registers, registerChanged, requireWritable } from '../registers.js';

const WRITTEN = 'RegisterWritten';
const DELETED = 'RegisterDeleted';

/**
 * Registers in a KurrentDB, beside the ledger that a URL names: a stream for each, `LEDGER:register:NAME`, that counts by its
 * last event and is told to keep no other (`$maxCount` 1). Its revision is the version. To delete one is to write an event
 * that says so, which holds nothing: the revisions go on, and what the register held goes with the next scavenge of the
 * chunk that it lies in; a deleted stream would keep its last event. Which registers there are stands in a stream of its
 * own, `LEDGER:registers`.
 */
export class KurrentRegisters implements Registers {
  readonly #closing = new AbortController();
  readonly #patience: RetryOptions;
  readonly #registry: StreamRegistry;
  readonly #ledger: string;

  private constructor(private readonly opened: Omit<OpenLedger, 'streams'>) {
    this.#patience = { ...opened.patience, signal: this.#closing.signal };
    this.#ledger = opened.names.ledger;
    const names = { registry: `${this.#ledger}:registers`, kurrent: (name: string) => this.#stream(name) };
    this.#registry = new StreamRegistry(opened.connection, names, this.#patience);
  }

  /** Waits for a store that cannot be reached as `openKurrentEventStore` does, and throws as it does. */
  static async open(url: string, options: KurrentOptions = {}): Promise<KurrentRegisters> {
    return new KurrentRegisters(await reachLedger(url, options));
  }

  async read(name: string): Promise<Register | undefined> {
    const last = await this.#last(name);
    if (!last || last.type === DELETED) return undefined;
    const { value } = last.data as { readonly value?: unknown };
    if (last.type === WRITTEN && typeof value === 'string') return { version: Number(last.revision), value };
    throw new NetfoldError({
      code: 'store.foreign_event',
      message: `the register ${name} holds what netfold did not write (${last.type})`,
      where: this.opened.connection.name,
      hint: 'Another program writes to the streams of this ledger. Give netfold a ledger of its own: ?ledger=NAME',
    });
  }

  async write(name: string, expectedVersion: number, value: string): Promise<number> {
    requireWritable(name, value);
    if (expectedVersion >= 0) return this.#append(name, expectedVersion, WRITTEN, { value });
    const last = await this.#last(name);
    if (last && last.type !== DELETED) throw registerChanged(name);
    if (!last) await this.#begin(name);
    return this.#append(name, last ? Number(last.revision) : -1, WRITTEN, { value });
  }

  async delete(name: string, expectedVersion: number): Promise<void> {
    if (expectedVersion < 0) throw registerChanged(name);
    await this.#append(name, expectedVersion, DELETED, {});
  }

  async names(prefix: string): Promise<readonly string[]> {
    const known = await this.#asked(() => this.#registry.streams());
    const there = known.filter((name) => name.startsWith(prefix));
    const held = await Promise.all(there.map((name) => this.read(name)));
    return there.filter((_, i) => held[i] !== undefined);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.opened.connection.close();
  }

  /** Entered, and limited, before anything is in it. */
  async #begin(name: string): Promise<void> {
    await this.#asked(() => this.#registry.enter(name));
    await this.#asked(() => this.opened.connection.keepLast(this.#stream(name)));
  }

  async #last(name: string): Promise<Recorded | undefined> {
    const { connection } = this.opened;
    const [last] = await this.#asked(() =>
      connection.page(this.#stream(name), { from: 'end', limit: 1, backwards: true }),
    );
    return last;
  }

  /** Repeated until it is known what became of it: one that was stored is found by its id. */
  async #append(name: string, expected: number, type: string, data: Record<string, string>): Promise<number> {
    const id = randomUUID();
    const event = { id, contentType: 'application/json' as const, type, data, metadata: undefined };
    const stored = await this.#asked(async () => {
      try {
        return (await this.opened.connection.append(this.#stream(name), expected, [event])).revision;
      } catch (error) {
        if (isWrongRevision(error)) return undefined;
        throw error;
      }
    });
    if (stored !== undefined) return stored;
    const last = await this.#last(name);
    if (last?.id === id) return Number(last.revision);
    throw registerChanged(name);
  }

  async #asked<T>(work: () => Promise<T>): Promise<T> {
    if (this.#closing.signal.aborted) throw storeClosed();
    try {
      return await retry(work, this.#patience);
    } catch (error) {
      throw kurrentError(this.opened.connection.name, error);
    }
  }

  #stream(name: string): string {
    return `${this.#ledger}:register:${name}`;
  }
}
