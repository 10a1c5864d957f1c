import { Records, type Registers } from '#coordination';
import { fromBase64, type Random, toBase64, toHex } from '#kernel';
import type { PersonKey } from '#personal-data';
import { patiently } from './patiently.js';
import type { PersonKeyStore } from './person-key-store.js';
import { personLookup } from './person-lookup.js';

const ID_BYTES = 8;
const SECRET_BYTES = 64;
/** Of a hundred thousand people each holds a hundred, so that a new one is a small write. */
const BUCKETS = 1_024;
const BUCKET_DIGITS = 3;

/** The record of a person, under the lookup of their address. */
type SharedKey = { readonly id: string; readonly secret: string };

/**
 * The keys of people that several replicas share. A key is in the shared store before the first event that is sealed with it;
 * so a replica that meets a key that it does not know asks once, and knows for good that it was erased if it is not there.
 */
export class SharedPersonKeys implements PersonKeyStore {
  readonly #byLookup = new Map<string, PersonKey>();
  readonly #byId = new Map<string, { readonly key: PersonKey; readonly lookup: string }>();
  /** By lookup: made here, and not known to be stored. */
  readonly #unsettled = new Map<string, PersonKey>();
  /** The ids of those who were erased. */
  readonly #gone = new Set<string>();
  readonly #closing = new AbortController();

  private constructor(
    private readonly records: Records<SharedKey>,
    private readonly pepper: Uint8Array,
    private readonly random: Random,
  ) {}

  /** Reads all keys. @param pepper keys the hashes of addresses */
  static async open(registers: Registers, pepper: Uint8Array, random: Random): Promise<SharedPersonKeys> {
    const records = new Records<SharedKey>(registers, 'people', () => 0, BUCKETS);
    const people = new SharedPersonKeys(records, pepper, random);
    await people.#readAll();
    return people;
  }

  of(email: string): PersonKey {
    const lookup = this.#lookup(email);
    return this.#byLookup.get(lookup) ?? this.#create(lookup);
  }

  find(id: string): PersonKey | undefined {
    return this.#byId.get(id)?.key;
  }

  /** Whoever sealed something asks in the same turn: a key is unsettled until it is known which one counts. */
  async settled(): Promise<boolean> {
    let all = true;
    for (const [lookup, key] of [...this.#unsettled]) {
      const known = await this.records.update(lookup, (known) => (known ? undefined : { value: stored(key) }));
      if (known && known.id !== key.id) all = false;
      if (this.#unsettled.get(lookup) !== key) continue;
      this.#unsettled.delete(lookup);
      if (known) this.#replace(lookup, key, known);
    }
    return all;
  }

  async learn(ids: Iterable<string>): Promise<void> {
    const missing = () => [...ids].filter((id) => !this.#byId.has(id) && !this.#gone.has(id));
    if (missing().length === 0) return;
    await patiently(async () => {
      for (const bucket of new Set(missing().map(bucketIn))) this.#absorb(await this.records.bucket(bucket));
      if (missing().length > 0) await this.#readAll();
    }, this.#closing.signal);
    for (const id of missing()) this.#gone.add(id);
  }

  async idOf(email: string): Promise<string | undefined> {
    const lookup = this.#lookup(email);
    if (!this.#byLookup.has(lookup)) this.#absorb(await this.records.bucket(this.records.bucketOf(lookup)));
    return this.#byLookup.get(lookup)?.id;
  }

  async erase(id: string): Promise<void> {
    const known = this.#byId.get(id);
    this.#gone.add(id);
    this.#byId.delete(id);
    if (known && this.#byLookup.get(known.lookup) === known.key) this.#byLookup.delete(known.lookup);
    await patiently(async () => {
      const lookup = known?.lookup ?? (await this.#lookupOf(id));
      if (lookup !== undefined) await this.records.update(lookup, (now) => (now?.id === id ? 'gone' : undefined));
    }, this.#closing.signal);
  }

  /** Takes a key over from elsewhere, unless the person has one here already. */
  async take(lookup: string, key: PersonKey): Promise<void> {
    await this.records.update(lookup, (known) => (known ? undefined : { value: stored(key) }));
    this.#absorb(await this.records.bucket(this.records.bucketOf(lookup)));
  }

  close(): void {
    this.#closing.abort();
  }

  /** Its id begins with its bucket, so that who does not know it need not look everywhere. */
  #create(lookup: string): PersonKey {
    const id = toHex(this.random.bytes(ID_BYTES));
    const key = { id: `${bucketName(this.records.bucketOf(lookup))}${id}`, secret: this.random.bytes(SECRET_BYTES) };
    this.#unsettled.set(lookup, key);
    this.#keep(lookup, key);
    return key;
  }

  #replace(lookup: string, mine: PersonKey, known: SharedKey): void {
    if (known.id === mine.id) return;
    this.#byId.delete(mine.id);
    this.#absorb(new Map([[lookup, known]]));
  }

  async #readAll(): Promise<void> {
    this.#absorb(await this.records.all());
  }

  async #lookupOf(id: string): Promise<string | undefined> {
    for (const [lookup, key] of await this.records.all()) if (key.id === id) return lookup;
    return undefined;
  }

  #absorb(records: ReadonlyMap<string, SharedKey>): void {
    for (const [lookup, { id, secret }] of records) {
      const bytes = fromBase64(secret);
      if (!bytes || this.#gone.has(id) || this.#byId.has(id) || this.#unsettled.has(lookup)) continue;
      this.#keep(lookup, { id, secret: bytes });
    }
  }

  #keep(lookup: string, key: PersonKey): void {
    this.#byLookup.set(lookup, key);
    this.#byId.set(key.id, { key, lookup });
  }

  #lookup(email: string): string {
    return toHex(personLookup(this.pepper, email));
  }
}

const stored = ({ id, secret }: PersonKey): SharedKey => ({ id, secret: toBase64(secret) });

const bucketName = (bucket: number): string => bucket.toString(16).padStart(BUCKET_DIGITS, '0');

/** Where a key is that was made by `SharedPersonKeys`; of one that was made elsewhere it says nothing. */
const bucketIn = (id: string): number => Number.parseInt(id.slice(0, BUCKET_DIGITS), 16) || 0;
