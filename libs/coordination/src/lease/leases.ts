import { randomUUID } from 'node:crypto';
import { type Problem, problemOf } from '#kernel';
import { isRegisterChanged, type Registers } from '../registers.js';
import { type LeaseRecord, leaseIn } from './lease-record.js';
import { LeaseTerm } from './lease-term.js';
import type { LeaseWork } from './lease-work.js';
import { type Stopwatch, systemStopwatch } from './stopwatch.js';

/** How long a holder that says nothing is left alone, in milliseconds. */
const TTL_MS = 6_000;
/** Looks at a lease that another holds, in each of its ttl. */
const LOOKS = 6;

/** A lease that is held whenever it can be. */
export interface Holding {
  /** Ends the work, gives the lease back and tries no more. */
  close(): Promise<void>;
}

export interface LeaseOptions {
  readonly ttl?: number;
  readonly stopwatch?: Stopwatch;
  /** Told of what fails: the store, or the work itself. Both are tried again. */
  readonly report?: (name: string, problem: Problem) => void;
}

/**
 * Leases on what only one of several replicas may do at a time (Gray and Cheriton, SOSP 1989). A holder writes the register
 * of the lease again and again; whoever sees it unchanged for the holder's ttl, by a clock of its own, takes it over. Wall
 * clocks play no part; clocks may differ in rate by a fifth.
 */
export class Leases {
  readonly #ttl: number;
  readonly #stopwatch: Stopwatch;
  readonly #report: NonNullable<LeaseOptions['report']>;

  constructor(
    private readonly registers: Registers,
    { ttl = TTL_MS, stopwatch = systemStopwatch, report = () => {} }: LeaseOptions = {},
  ) {
    this.#ttl = ttl;
    this.#stopwatch = stopwatch;
    this.#report = report;
  }

  /** Does the work whenever this process holds the lease: again when it has lost it and got it back, or the work has ended. */
  hold(name: string, work: LeaseWork): Holding {
    const closing = new AbortController();
    let serving = Promise.resolve();
    const goOn = async () => {
      while (!closing.signal.aborted) {
        const term = await this.#taken(name, { holder: randomUUID(), ttl: this.#ttl }, closing.signal);
        if (term) serving = term.serve(work, closing.signal, (problem) => this.#report(name, problem));
        await serving;
        await this.#stopwatch.pause(this.#ttl / LOOKS, closing.signal);
      }
    };
    void goOn();
    return {
      close: () => {
        closing.abort();
        return serving; // a question to the store that is under way may take its time
      },
    };
  }

  /** Waits until the lease can be had, and takes it; undefined when it is not wanted any more. */
  async #taken(name: string, record: LeaseRecord, closing: AbortSignal): Promise<LeaseTerm | undefined> {
    const [registers, register] = [this.registers, `lease/${name}`];
    let seen: { readonly version: number; readonly since: number } | undefined;
    while (!closing.aborted) {
      try {
        const found = await registers.read(register);
        const now = this.#stopwatch.now();
        const version = found?.version ?? -1;
        if (seen?.version !== version) seen = { version, since: now };
        const other = found && leaseIn(found);
        // It may be this one's own: of a write of which nothing was heard.
        const isFree = !other || other.holder === record.holder || now - seen.since >= other.ttl;
        if (isFree && !closing.aborted) {
          return await LeaseTerm.begin(registers, register, version, record, this.#stopwatch);
        }
      } catch (error) {
        if (isRegisterChanged(error)) continue;
        this.#report(name, problemOf(error));
      }
      await this.#stopwatch.pause(this.#ttl / LOOKS, closing);
    }
    return undefined;
  }
}
