import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Dice } from './dice.js';

/**
 * Makes an attempt many times, with dice that the seed determines.
 * @throws Error that says which attempt failed, under which seed, and why
 */
export function fuzz(dice: Dice, attempts: number, attempt: () => void): void {
  for (let i = 0; i < attempts; i++) {
    try {
      attempt();
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new Error(`seed ${dice.seed}, attempt ${i}: ${why}`, { cause });
    }
  }
}

let collect: (() => void) | undefined;

/** Memory in use once nothing more can be given back, MiB. */
export function heapInUse(): number {
  if (!collect) {
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as () => void;
  }
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 2 ** 20;
}

/** Seeds for the slow suite: as many as asked for, or the one of `FUZZ_SEED` to see a failure again. */
export const fuzzSeeds = (count: number): readonly number[] => {
  const { FUZZ_SEED } = process.env;
  return FUZZ_SEED ? [Number(FUZZ_SEED)] : Array.from({ length: count }, (_, i) => i + 1);
};
