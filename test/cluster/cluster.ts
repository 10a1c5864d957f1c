import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Kafka } from './processes/kafka.js';
import { Replica } from './processes/replica.js';
import { Store } from './processes/store.js';
import { TcpProxy } from './processes/tcp-proxy.js';

/** Milliseconds after which a replica takes a store that does not answer for stalled. */
const STORE_DEADLINE_MS = 3_000;

/** Of what all replicas share. */
const SECRET_BYTES = 32;

/** The store, Kafka, and the replicas between them and their agents: real processes, each reachable by pid only. */
export class Cluster {
  readonly #stops: (() => Promise<unknown>)[] = [];
  readonly store: Store;
  readonly replicas: Replica[] = [];
  /** Between each replica and the store. */
  readonly cables: TcpProxy[] = [];
  #kafka: Kafka | undefined;

  /** @param folder for all that the processes keep, which is whoever's who made it */
  constructor(private readonly folder: string) {
    this.store = new Store(join(folder, 'store.log'));
    writeFileSync(this.#secretFile, randomBytes(SECRET_BYTES), { mode: 0o600 });
  }

  get #secretFile(): string {
    return join(this.folder, 'secret');
  }

  get kafka(): Kafka | undefined {
    return this.#kafka;
  }

  /** Starts everything; after a failure `stop` ends what was started. */
  async start(replicas: number, withKafka: boolean): Promise<void> {
    if (withKafka) await this.#startKafka();
    this.#stops.push(() => this.store.kill());
    await this.store.start();
    for (let number = 0; number < replicas; number++) await this.#prepareReplica(number);
    const [first, ...others] = this.replicas;
    await first?.start(); // makes the network
    await Promise.all(others.map((replica) => replica.start()));
  }

  /** Ends all processes, however they are. */
  async stop(): Promise<void> {
    for (const stop of this.#stops.splice(0).reverse()) await stop();
  }

  async #startKafka(): Promise<void> {
    const folder = join(this.folder, 'kafka');
    mkdirSync(folder);
    const kafka = await Kafka.start(folder);
    this.#stops.push(() => kafka.stop());
    this.#kafka = kafka;
  }

  async #prepareReplica(number: number): Promise<void> {
    const cable = await new TcpProxy(() => this.store.port).open();
    this.#stops.push(() => cable.close());
    this.cables.push(cable);
    const store = `kurrentdb://127.0.0.1:${cable.port}?tls=false&defaultDeadline=${STORE_DEADLINE_MS}`;
    const words = ['--store', store, '--secret-file', this.#secretFile];
    const kafka = this.#kafka ? ['--kafka', this.#kafka.address] : [];
    const replica = new Replica(number, this.folder, [...words, ...kafka]);
    this.#stops.push(() => replica.kill());
    this.replicas.push(replica);
  }
}
