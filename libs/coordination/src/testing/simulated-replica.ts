import { NetfoldError } from '#kernel';
import type { Dice, Scheduler } from '#sim';
import type { Stopwatch } from '../lease/stopwatch.js';
import type { Register, Registers } from '../registers.js';

/** How the store behaves towards a replica; the numbers are milliseconds and probabilities. */
export interface Store {
  readonly slowest: number;
  /** Of a request that fails, before or after it took effect. */
  readonly failure: number;
  /** Of a request that takes many times as long. */
  readonly stall: number;
}

/** A process with a clock that runs at a rate of its own, which can be stopped for a while or for good. */
export class SimulatedReplica implements Stopwatch {
  readonly #rate: number;
  readonly #offset: number;
  #thaw: PromiseWithResolvers<void> | undefined;
  /** How often it was stopped. */
  stops = 0;

  constructor(
    private readonly scheduler: Scheduler,
    private readonly dice: Dice,
    readonly id: number,
  ) {
    this.#rate = 0.9 + dice.below(200) / 1_000;
    this.#offset = dice.below(10_000_000);
  }

  now(): number {
    return this.#offset + this.scheduler.now * this.#rate;
  }

  async pause(milliseconds: number, signal: AbortSignal): Promise<void> {
    const aborted = Promise.withResolvers<void>();
    signal.addEventListener('abort', () => aborted.resolve());
    if (!signal.aborted) await Promise.race([this.scheduler.pause(milliseconds / this.#rate), aborted.promise]);
    await this.awake();
  }

  /** SIGSTOP; a process that is never thawed was killed. */
  freeze(): void {
    this.stops += 1;
    this.#thaw ??= Promise.withResolvers<void>();
  }

  thaw(): void {
    this.#thaw?.resolve();
    this.#thaw = undefined;
  }

  /** Nothing goes on in a process that is stopped. */
  async awake(): Promise<void> {
    while (this.#thaw) await this.#thaw.promise;
  }

  /** The registers as this replica gets at them. */
  over(registers: Registers, store: () => Store): Registers {
    const through = async <T>(work: () => Promise<T>): Promise<T> => {
      await this.awake();
      const { slowest, failure, stall } = store();
      const trip = () => this.dice.below(slowest) * (this.dice.chance(stall) ? 30 : 1);
      const fails = this.dice.chance(failure);
      await this.scheduler.pause(trip());
      if (fails && this.dice.chance(0.5)) throw unreachable();
      const outcome = await Promise.allSettled([work()]);
      await this.scheduler.pause(trip());
      await this.awake();
      if (fails) throw unreachable();
      if (outcome[0].status === 'rejected') throw outcome[0].reason;
      return outcome[0].value;
    };
    return {
      read: (name): Promise<Register | undefined> => through(() => registers.read(name)),
      write: (name, version, value) => through(() => registers.write(name, version, value)),
      delete: (name, version) => through(() => registers.delete(name, version)),
      names: (prefix) => through(() => registers.names(prefix)),
      close: () => registers.close(),
    };
  }
}

const unreachable = (): NetfoldError =>
  new NetfoldError({ code: 'store.unreachable', message: 'it cannot be reached' });
