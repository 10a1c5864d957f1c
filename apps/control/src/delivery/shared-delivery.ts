import { setTimeout as sleep } from 'node:timers/promises';
import { type Bus, type BusSubscription, DELIVERIES, type Message } from '#messaging';
import type { Delivered } from './delivered.js';
import type { DeliveryLog } from './delivery-log.js';
import { decodeFacts, encodeFacts } from './fact-message.js';

/** What was learnt is told after so many milliseconds, together with what is learnt until then. */
const GATHER_MS = 200;
/** How long a bus that is away is left alone, in milliseconds. */
const PAUSE_MS = 1_000;
/** So many facts go into one message: some ten kilobytes. */
const MAX_FACTS = 512;
/** So many messages wait for a bus that is away, some megabytes; then the oldest are dropped: what they said is known here. */
const MAX_WAITING = 512;

/**
 * Has all replicas know what each of them learns of the nodes whose streams it holds, so that any of them can say when a
 * revision was in force. A replica that was away hears what it missed.
 */
export class SharedDelivery {
  #gathered = new Map<string, Delivered[]>();
  readonly #sequences = new Map<string, number>();
  readonly #waiting: Message[] = [];
  #timer: NodeJS.Timeout | undefined;
  #sending: Promise<void> | undefined;
  #subscription: BusSubscription | undefined;
  readonly #stop = new AbortController();

  /** @param self the id of this replica */
  constructor(
    private readonly log: DeliveryLog,
    private readonly bus: Bus,
    private readonly self: string,
  ) {
    log.share((tailnet, fact) => this.#gather(tailnet, fact));
  }

  /** Begins to listen to the others. */
  listen(): void {
    this.#subscription = this.bus.subscribe(DELIVERIES, 'all-kept', ({ key, value }) => {
      if (!value) return;
      const { replica, sequence, facts } = decodeFacts(value);
      if (replica !== this.self) this.log.hear(key, facts, replica, sequence);
    });
  }

  /** Tells what was gathered, if the bus takes it now. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    this.#pack();
    this.#stop.abort();
    await this.#sending;
    await this.#subscription?.close();
  }

  #gather(tailnet: string, fact: Delivered): void {
    const facts = this.#gathered.get(tailnet);
    if (facts) facts.push(fact);
    else this.#gathered.set(tailnet, [fact]);
    this.#timer ??= setTimeout(() => this.#pack(), GATHER_MS).unref();
  }

  #pack(): void {
    this.#timer = undefined;
    const gathered = this.#gathered;
    this.#gathered = new Map();
    for (const [tailnet, facts] of gathered) {
      for (let i = 0; i < facts.length; i += MAX_FACTS) this.#enqueue(tailnet, facts.slice(i, i + MAX_FACTS));
    }
    this.#sending ??= this.#send();
  }

  #enqueue(key: string, facts: readonly Delivered[]): void {
    const sequence = this.#sequences.get(key) ?? 0;
    this.#sequences.set(key, sequence + 1);
    this.log.said(key, this.self, sequence);
    this.#waiting.push({ key, value: encodeFacts({ replica: this.self, sequence, facts }) });
    if (this.#waiting.length > MAX_WAITING) this.#waiting.shift();
  }

  /** In order; what the bus does not take is tried again, under the same number. */
  async #send(): Promise<void> {
    const { signal } = this.#stop;
    for (let message = this.#waiting[0]; message; message = this.#waiting[0]) {
      const taken = await this.bus.publish(DELIVERIES, message).then(
        () => true,
        () => false,
      );
      if (taken && this.#waiting[0] === message) this.#waiting.shift();
      if (!taken && signal.aborted) break;
      if (!taken) await sleep(PAUSE_MS, undefined, { signal, ref: false }).catch(() => {});
    }
    this.#sending = undefined;
  }
}
