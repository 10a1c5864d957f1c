import { type Bus, type BusSubscription, REPLICAS } from '#messaging';
import { FIRST_LEVEL } from '#tailnet';
import { decodeReplicaWord, encodeReplicaWord, type ReplicaWord } from './replica-word.js';

/** So often a replica says that it is there, in milliseconds, unless told otherwise. */
const BEAT_MS = 5_000;
/** One that has said nothing while so many of our own words came back to us is gone. */
const MISSED = 3;
/** All say it under one key, so that each hears the words of all in one order. */
const KEY = 'beat';

interface Neighbour {
  readonly word: ReplicaWord;
  missed: number;
}

/** What the program tells `Replicas`. */
export interface ReplicaOptions {
  /** The id of this process. */
  readonly self: string;
  /** Where agents connect to it; undefined: nowhere that others could be told. */
  agentsUrl(): string | undefined;
  /** Up to which release level it reads events. */
  readonly reads: number;
  /** A replica has gone, or is back. */
  changed(replica: string, alive: boolean): void;
  readonly beatMs?: number | undefined;
}

/**
 * Which replicas serve, by what they say. Silence is measured in our own words that came back meanwhile, not in time: so
 * nobody is taken for gone while the bus is away, nor by a process that was itself held up.
 */
export class Replicas {
  readonly #others = new Map<string, Neighbour>();
  readonly #gone = new Set<string>();
  /** When a word of our own came back last, by `performance.now()`. */
  #heardAt = Number.NEGATIVE_INFINITY;
  /** Of our own words that came back. */
  #beats = 0;
  #state: ReplicaWord['state'] = 'serving';
  #subscription: BusSubscription | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly bus: Bus,
    private readonly options: ReplicaOptions,
  ) {}

  get self(): string {
    return this.options.self;
  }

  /** Up to which release level this one reads events. */
  get reads(): number {
    return this.options.reads;
  }

  /** Where agents of this control plane may connect, this replica first; sorted but for that. */
  get servers(): readonly string[] {
    const own = this.#state === 'serving' ? this.options.agentsUrl() : undefined;
    const serving = [...this.#others.values()].filter(({ word }) => word.state === 'serving');
    const others = serving.map(({ word }) => word.agentsUrl).filter((url) => url !== undefined && url !== own);
    return [...(own === undefined ? [] : [own]), ...new Set(others as string[])].slice(0, MOST_SERVERS);
  }

  /** Says that this replica serves, from now on, and hears who else does. */
  announce(): void {
    this.#subscription = this.bus.subscribe(REPLICAS, 'newest', ({ value }) => value && this.#hear(value));
    // Nobody hears what is said before; not to be heard oneself would last for one beat.
    this.#subscription.ready.then(
      () => this.#beat(),
      () => {},
    );
    this.#timer = setInterval(() => void this.#beat(), this.options.beatMs ?? BEAT_MS).unref();
  }

  /** Whether a replica is there. One that was never heard of is given the time to say so. */
  isAlive(replica: string): boolean {
    if (replica === this.self) return true;
    if (this.#gone.has(replica)) return false;
    if (!this.#others.has(replica)) this.#others.set(replica, { word: { replica, state: 'draining' }, missed: 0 });
    return true;
  }

  /** Up to which release level each replica reads that is there; undefined while that may not be known of all. */
  get readByAll(): number | undefined {
    if (this.#beats <= MISSED) return undefined;
    return Math.min(this.options.reads, ...[...this.#others.values()].map(({ word }) => word.reads ?? FIRST_LEVEL));
  }

  /** Whether what is said on the bus is heard here, as far as our own words tell. */
  get hears(): boolean {
    return performance.now() - this.#heardAt <= (MISSED + 1) * (this.options.beatMs ?? BEAT_MS);
  }

  /** Agents are to go elsewhere from now on. */
  drain(): void {
    this.#state = 'draining';
    void this.#beat();
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#state = 'gone';
    if (this.#subscription) await this.#beat();
    await this.#subscription?.close();
  }

  async #beat(welcome = false): Promise<void> {
    const url = this.options.agentsUrl();
    const own = {
      replica: this.self,
      state: this.#state,
      reads: this.options.reads,
      ...(url !== undefined && { agentsUrl: url }),
    };
    const word: ReplicaWord = welcome ? { ...own, welcome } : own;
    // Where there is no broker, the next one is as good.
    await this.bus.publish(REPLICAS, { key: KEY, value: encodeReplicaWord(word) }).catch(() => {});
  }

  #hear(bytes: Uint8Array): void {
    const word = decodeReplicaWord(bytes);
    const { replica, state, welcome } = word;
    if (replica === this.self) {
      if (!welcome) this.#count();
    } else if (state === 'gone') this.#lose(replica);
    else {
      if (!this.#others.has(replica)) void this.#beat(true);
      this.#others.set(replica, { word, missed: 0 });
      if (this.#gone.delete(replica)) this.options.changed(replica, true);
    }
  }

  #count(): void {
    this.#heardAt = performance.now();
    this.#beats += 1;
    for (const [replica, other] of this.#others) {
      other.missed += 1;
      if (other.missed > MISSED) this.#lose(replica);
    }
  }

  #lose(replica: string): void {
    this.#others.delete(replica);
    this.#gone.add(replica);
    this.options.changed(replica, false);
  }
}

/** As many as an agent needs to find one that serves. */
const MOST_SERVERS = 16;
