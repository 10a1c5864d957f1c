import { type Problem, problemOf } from '#kernel';
import { isRegisterChanged, type Registers } from '../registers.js';
import { type LeaseRecord, leaseIn, leaseValue } from './lease-record.js';
import type { LeaseWork } from './lease-work.js';
import type { Stopwatch } from './stopwatch.js';

/** Parts of the ttl: after one the holder says again that it is there; after the other it holds the lease no more. */
const RENEW_AFTER = 0.25;
const LOST_AFTER = 0.75;
/** The pause before a renewal that has failed is tried again. */
const RETRY_AFTER = 0.05;

/** One process' time with a lease: taken, kept up as long as the store agrees, and given back. */
export class LeaseTerm {
  readonly #token: number;

  /**
   * @param version of the register, by the newest write that took effect
   * @param sure when that write was begun: whoever waits for the ttl began to wait later
   */
  private constructor(
    private readonly registers: Registers,
    private readonly name: string,
    private readonly record: LeaseRecord,
    private readonly stopwatch: Stopwatch,
    private version: number,
    private sure: number,
  ) {
    this.#token = version;
  }

  /** Takes the lease, whose register has this version. @throws NetfoldError `register.changed`, `store.…` */
  static async begin(
    registers: Registers,
    name: string,
    version: number,
    record: LeaseRecord,
    stopwatch: Stopwatch,
  ): Promise<LeaseTerm> {
    const began = stopwatch.now();
    const taken = await registers.write(name, version, leaseValue(record));
    return new LeaseTerm(registers, name, record, stopwatch, taken, began);
  }

  /** Does the work and keeps the lease up meanwhile. */
  async serve(work: LeaseWork, closing: AbortSignal, report: (problem: Problem) => void): Promise<void> {
    const lost = new AbortController();
    const ended = new AbortController();
    const working = AbortSignal.any([lost.signal, closing]);
    const over = AbortSignal.any([lost.signal, ended.signal]);
    // Neither is waited for at the end: a write that hangs until then finds another version, or is found.
    void this.#keep(lost, over, report);
    void this.#watch(lost, over);
    try {
      if (this.#left() > 0 && !closing.aborted) await work(working, this.#token); // it may have taken long to get it
    } catch (error) {
      report(problemOf(error));
    }
    const wasLost = lost.signal.aborted;
    ended.abort();
    if (!wasLost) await this.#giveBack();
  }

  /** How long it is surely held, in milliseconds. */
  #left(): number {
    return this.sure + LOST_AFTER * this.record.ttl - this.stopwatch.now();
  }

  /** Beside the renewal, which may hang. */
  async #watch(lost: AbortController, over: AbortSignal): Promise<void> {
    while (!over.aborted) {
      const left = this.#left();
      if (left <= 0) lost.abort();
      else await this.stopwatch.pause(left, over);
    }
  }

  async #keep(lost: AbortController, over: AbortSignal, report: (problem: Problem) => void): Promise<void> {
    await this.stopwatch.pause(RENEW_AFTER * this.record.ttl, over);
    while (!over.aborted) {
      let wait = RENEW_AFTER;
      try {
        if (!(await this.#renewed())) lost.abort();
      } catch (error) {
        report(problemOf(error));
        wait = RETRY_AFTER;
      }
      await this.stopwatch.pause(wait * this.record.ttl, over);
    }
  }

  /** False when somebody else has taken it. */
  async #renewed(): Promise<boolean> {
    const began = this.stopwatch.now();
    try {
      this.version = await this.registers.write(this.name, this.version, leaseValue(this.record));
      this.sure = began;
      return true;
    } catch (error) {
      if (!isRegisterChanged(error)) throw error;
      return this.#stillOurs();
    }
  }

  /** An earlier renewal of which nothing was heard may have taken effect. */
  async #stillOurs(): Promise<boolean> {
    const register = await this.registers.read(this.name);
    if (!register || leaseIn(register).holder !== this.record.holder) return false;
    this.version = register.version;
    return true;
  }

  /** Others need not wait; when it fails, or takes long, they do. */
  async #giveBack(): Promise<void> {
    const value = leaseValue({ ...this.record, ttl: 0 });
    const done = new AbortController();
    const written = this.registers.write(this.name, this.version, value).catch(() => {});
    await Promise.race([written, this.stopwatch.pause(RENEW_AFTER * this.record.ttl, done.signal)]);
    done.abort();
  }
}
