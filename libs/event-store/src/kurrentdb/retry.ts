import { setTimeout as pause } from 'node:timers/promises';
import { NetfoldError } from '#kernel';
import { storeClosed } from '../errors.js';
import { fateOf } from './kurrent-error.js';

const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 2_000;

/** Growing pauses between attempts, which a signal ends. */
export class Pauses {
  #next = FIRST_PAUSE_MS;

  constructor(private readonly signal: AbortSignal) {}

  /** @throws NetfoldError `store.closed` when the signal comes */
  async pause(): Promise<void> {
    const ms = this.#next;
    this.#next = Math.min(ms * 2, LONGEST_PAUSE_MS);
    try {
      await pause(ms, undefined, { signal: this.signal });
    } catch {
      throw storeClosed();
    }
  }

  /** It went well: the next pause is short again. */
  reset(): void {
    this.#next = FIRST_PAUSE_MS;
  }
}

export interface RetryOptions {
  /** How long to go on, in milliseconds; no attempt begins later. */
  readonly patience: number;
  readonly signal: AbortSignal;
  /** Told of each failure that another attempt follows. */
  readonly failed?: (problem: NetfoldError) => void;
}

/** Repeats what may be repeated until it succeeds, is refused, or the time is up; then the last failure is thrown. */
export async function retry<T>(work: () => Promise<T>, { patience, signal, failed }: RetryOptions): Promise<T> {
  const pauses = new Pauses(signal);
  for (const started = performance.now(); ; ) {
    try {
      return await work();
    } catch (error) {
      if (fateOf(error) === 'refused' || performance.now() - started > patience) throw error;
      if (error instanceof NetfoldError) failed?.(error);
      await pauses.pause();
    }
  }
}
