import { setTimeout as sleep } from 'node:timers/promises';
import { problemOf } from '#kernel';
import { type Bus, FLOWS, type Message } from '#messaging';

/** What may wait for brokers that are away: a hundred reports of a thousand flows, or ten thousand of ten. */
const MAX_WAITING_BYTES = 32 << 20;
/** So many reports go out at once. */
const BATCH = 64;
/** How long a bus that is away is left alone, in milliseconds. */
const PAUSE_MS = 1_000;

interface Waiting {
  readonly message: Message;
  readonly flows: number;
}

const sizeOf = ({ message }: Waiting): number => message.value?.length ?? 0;

/**
 * Reports on their way to the bus, in the order in which they came. What it does not take is tried again; when too much
 * waits, the oldest are given up.
 */
export class FlowQueue {
  #waiting: Waiting[] = [];
  #bytes = 0;
  #sending: Promise<void> | undefined;
  /** Of the waiting reports, how many are under way. */
  #underWay = 0;
  readonly #closing = new AbortController();

  /** @param told what becomes of so many flows */
  constructor(
    private readonly bus: Bus,
    private readonly told: (outcome: 'published' | 'dropped', flows: number) => void,
    private readonly pauseMs = PAUSE_MS,
  ) {}

  add(message: Message, flows: number): void {
    const added = { message, flows };
    this.#waiting.push(added);
    this.#bytes += sizeOf(added);
    while (this.#bytes > MAX_WAITING_BYTES && this.#waiting.length > this.#underWay) {
      this.#end(this.#underWay, 1, 'dropped');
    }
    this.#sending ??= this.#send();
  }

  /** Sends what waits, if the bus takes it now. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#sending;
    this.#end(0, this.#waiting.length, 'dropped');
  }

  async #send(): Promise<void> {
    const { signal } = this.#closing;
    for (let most = BATCH; this.#waiting.length > 0; ) {
      const batch = this.#waiting.slice(0, most);
      this.#underWay = batch.length;
      const failure = await this.bus.publish(FLOWS, ...batch.map(({ message }) => message)).then(
        () => undefined,
        (error: unknown) => problemOf(error).code,
      );
      this.#underWay = 0;
      // One that no broker takes shall keep back no other: it is found among those that it came with.
      const isTooLarge = failure === 'bus.too_large';
      if (failure === undefined) this.#end(0, batch.length, 'published');
      else if (isTooLarge && batch.length === 1) this.#end(0, 1, 'dropped');
      else if (!isTooLarge && signal.aborted) break;
      else if (!isTooLarge) await sleep(this.pauseMs, undefined, { signal, ref: false }).catch(() => {});
      most = isTooLarge && batch.length > 1 ? batch.length >> 1 : BATCH;
    }
    this.#sending = undefined;
  }

  #end(from: number, count: number, outcome: 'published' | 'dropped'): void {
    for (const ended of this.#waiting.splice(from, count)) {
      this.#bytes -= sizeOf(ended);
      this.told(outcome, ended.flows);
    }
  }
}
