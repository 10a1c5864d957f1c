import { parseArgs } from 'node:util';
import type { AppendFault } from '../../libs/event-store/src/testing/kurrent-server/faults.js';
import { FAULTS, type FaultName } from './nemesis/schedule.js';

/** What to run. */
export interface RunOptions {
  readonly seed: number;
  readonly rounds: number;
  readonly replicas: number;
  readonly agents: number;
  readonly admins: number;
  readonly kafka: boolean;
  /** Faults last so many times as long as else. */
  readonly stretch: number;
  /** Only these faults; all when there are none. */
  readonly only: readonly FaultName[];
  /** A fault that the suite must find: an append that the store drops, or stores twice. */
  readonly plant: AppendFault | undefined;
  /** Seconds that it may take, after a fault is healed, until everybody agrees; the machine may be busy. */
  readonly patience: number;
  /** Leaves the folder with all logs and stores. */
  readonly keep: boolean;
}

const PLANTS: Readonly<Record<string, AppendFault>> = { drop: 'forget', duplicate: 'repeat' };

export const USAGE = `npm run test:cluster -- [--seed N] [--rounds N] [--replicas N] [--agents N] [--admins N]
                        [--no-kafka] [--plant ${Object.keys(PLANTS).join('|')}] [--stretch N] [--patience SECONDS] [--keep]
                        [--only FAULT ...]  ${FAULTS.join(', ')}`;

/** @throws Error that says what is wrong with the words */
export function readOptions(words: readonly string[]): RunOptions {
  const { values } = parseArgs({
    args: [...words],
    allowNegative: true,
    options: {
      seed: { type: 'string', default: String(Math.floor(Math.random() * 1e6)) },
      rounds: { type: 'string', default: '15' },
      replicas: { type: 'string', default: '3' },
      agents: { type: 'string', default: '200' },
      admins: { type: 'string', default: '4' },
      kafka: { type: 'boolean', default: true },
      stretch: { type: 'string', default: '1' },
      only: { type: 'string', multiple: true, default: [] },
      plant: { type: 'string' },
      patience: { type: 'string', default: '120' },
      keep: { type: 'boolean', default: false },
    },
  });
  const { seed, rounds, replicas, agents, admins, kafka, stretch, only, plant, patience, keep } = values;
  if (plant !== undefined && !PLANTS[plant]) throw new Error(`--plant takes ${Object.keys(PLANTS).join(' or ')}`);
  const strange = only.find((name) => !FAULTS.some((fault) => fault === name));
  if (strange !== undefined) throw new Error(`--only ${strange}: there is no such fault`);
  return {
    seed: whole('--seed', seed, 0),
    rounds: whole('--rounds', rounds, 0),
    replicas: whole('--replicas', replicas, 1),
    agents: whole('--agents', agents, 10),
    admins: whole('--admins', admins, 1),
    kafka,
    stretch: whole('--stretch', stretch, 1),
    only: FAULTS.filter((fault) => only.includes(fault)),
    plant: plant === undefined ? undefined : PLANTS[plant],
    patience: whole('--patience', patience, 1),
    keep,
  };
}

function whole(name: string, text: string, least: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least) return value;
  throw new Error(`${name} takes a whole number of at least ${least}`);
}
