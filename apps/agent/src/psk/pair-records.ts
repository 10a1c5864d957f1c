import { z } from 'zod';
import type { StateDirectory } from '#host';
import { fromBase64, type Problem, problemOf, toBase64 } from '#kernel';
import type { PairRecord } from '#psk';
import { JsonFile } from '../state/json-file.js';

const FILE = 'preshared-keys.json';

const Key = z.codec(
  z.base64(),
  z.custom<Uint8Array>((value) => value instanceof Uint8Array && value.length === 32),
  {
    decode: (text) => fromBase64(text) ?? new Uint8Array(),
    encode: toBase64,
  },
);
const Kept = z.record(
  z.string(),
  z.object({
    epoch: z.int(),
    key: Key.exactOptional(),
    since: z.number().exactOptional(),
    context: Key.exactOptional(),
    pending: Key.exactOptional(),
    former: z.array(Key),
    settled: z.boolean(),
  }),
);
const Stored = z.record(z.string(), z.unknown());

/**
 * What this node has agreed on with its peers, by node id, in the state directory: a restart must not cut tunnels. What
 * is lost is agreed on anew.
 */
export class PairRecords {
  #saving: Promise<void> | undefined;
  #dirty = false;
  #problem: Problem | undefined;

  private constructor(
    readonly file: JsonFile<Record<string, unknown>>,
    readonly known: Map<string, PairRecord>,
  ) {}

  static async open(directory: StateDirectory): Promise<PairRecords> {
    try {
      const file = await JsonFile.open(directory, FILE, Stored, {});
      return new PairRecords(file, new Map(Object.entries(Kept.decode(file.value as z.input<typeof Kept>))));
    } catch {
      await directory.remove(FILE);
      return new PairRecords(await JsonFile.open(directory, FILE, Stored, {}), new Map());
    }
  }

  /** Why the disk does not have what was agreed on last. */
  get problem(): Problem | undefined {
    return this.#problem;
  }

  put(id: string, record: PairRecord): void {
    this.known.set(id, record);
    this.#save();
  }

  delete(id: string): void {
    if (this.known.delete(id)) this.#save();
  }

  /** Resolves when the disk has what was put before; rejects when it could not be written. */
  async saved(): Promise<void> {
    await this.#saving;
  }

  #save(): void {
    this.#dirty = true;
    if (this.#saving) return;
    this.#saving = this.#write().finally(() => {
      this.#saving = undefined;
    });
    this.#saving.catch((error) => {
      this.#problem = problemOf(error);
    });
  }

  async #write(): Promise<void> {
    while (this.#dirty) {
      this.#dirty = false;
      await this.file.save(Kept.encode(Object.fromEntries([...this.known].map(([id, record]) => [id, plain(record)]))));
    }
    this.#problem = undefined;
  }
}

const plain = ({ former, ...record }: PairRecord) => ({ ...record, former: [...former] });
