export * from './filter-rule.js';
export * from './packet-filter.js';
export type { Reason, Verdict } from './verdict.js';
