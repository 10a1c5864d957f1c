import type { Command } from 'commander';
import { formatInstant } from '../../output/time.js';
import type { AdminOptions } from './admin-option.js';

/** What a command takes that can look back. */
export interface AtOptions extends AdminOptions {
  readonly at?: string;
}

/** What the control plane says of an answer: of a past one, also when it was so. */
export interface Answered {
  readonly revision: number;
  /** Milliseconds since the Unix epoch. */
  readonly recordedAt?: number;
}

export const withAt = (command: Command): Command =>
  command.option('--at <moment>', 'as it was: a revision (1234), a time (2026-11-01T10:00Z), a day, or 2h ago');

/** `?at=…`, or nothing. */
export const atQuery = ({ at }: AtOptions): string => (at === undefined ? '' : `?at=${encodeURIComponent(at)}`);

/** The first line of an answer about the past. */
export const asOf = ({ revision, recordedAt }: Answered): string[] =>
  recordedAt === undefined ? [] : [`As of revision ${revision}, recorded ${formatInstant(recordedAt)} UTC:`, ''];
