import { Dice } from '#sim';

/** What goes wrong; see `inflict`. */
export const FAULTS = [
  'kill a replica',
  'freeze a replica',
  'drain a replica',
  'kill all replicas',
  'cut one from the store',
  'cut all from the store',
  'black hole before the store',
  'slow store',
  'restart of the store',
  'lost answers of the store',
  'events delivered twice',
  'skewed clocks',
  'agents move',
  'cut Kafka',
  'freeze and cut another',
] as const;
export type FaultName = (typeof FAULTS)[number];

/** One fault: from its beginning until it is healed. */
export interface Round {
  readonly fault: FaultName;
  /** Replicas, by number, in the order in which the fault wants them. */
  readonly victims: readonly number[];
  /** Milliseconds of work before it, and how long it lasts. */
  readonly calm: number;
  readonly lasts: number;
}

export interface SchedulePlan {
  readonly seed: number;
  readonly rounds: number;
  readonly replicas: number;
  readonly kafka: boolean;
  /** Faults last so many times as long as else. */
  readonly stretch?: number;
  /** Only these faults; all that are possible when there are none. */
  readonly only?: readonly FaultName[];
}

const CALM_MS = 600;
const SHORTEST_MS = 1_500;
const LONGEST_MS = 4_500;

/** What happens when, by the seed alone: each fault once in an order of its own before any comes again. */
export function scheduleOf({ seed, rounds, replicas, kafka, stretch = 1, only = [] }: SchedulePlan): Round[] {
  const dice = new Dice(seed);
  const wanted = only.length > 0 ? only : FAULTS;
  const possible = wanted.filter((fault) => (kafka || fault !== 'cut Kafka') && (replicas > 1 || !needsTwo(fault)));
  const schedule: Round[] = [];
  let waiting: FaultName[] = [];
  while (schedule.length < rounds) {
    if (waiting.length === 0) waiting = shuffled(possible, dice);
    schedule.push({
      fault: waiting.pop() ?? 'agents move',
      victims: shuffled(
        Array.from({ length: replicas }, (_, i) => i),
        dice,
      ),
      calm: CALM_MS + dice.below(CALM_MS),
      lasts: stretch * (SHORTEST_MS + dice.below(LONGEST_MS - SHORTEST_MS)),
    });
  }
  return schedule;
}

const needsTwo = (fault: FaultName): boolean => fault === 'freeze and cut another';

/** Fisher and Yates. */
function shuffled<T>(items: readonly T[], dice: Dice): T[] {
  const left = [...items];
  return Array.from(items, () => left.splice(dice.below(left.length), 1)).flat();
}
