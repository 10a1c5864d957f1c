export * from './filter-rule.js';
export type { TakenFlows, TrackedFlow } from './flow/tracked-flow.js';
export * from './packet-filter.js';
export type { Sender } from './rules/peer-entry.js';
export type { Reason, Verdict } from './verdict.js';
