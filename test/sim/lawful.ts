import type { Outcome } from './simulate.js';

/** What every run must come to. */
export const LAWFUL: Omit<Outcome, 'counts'> = { violations: [], missing: [], astray: [], alarms: [], failures: [] };
