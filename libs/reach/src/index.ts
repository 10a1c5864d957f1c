export { type Impact, impactOf, workingOutImpact } from './impact.js';
export { explainReach, type Reach, type ReachRoute } from './reach/explain-reach.js';
export { type Reachable, type ReachEntry, reachableFrom, type WhoReaches, whoReaches } from './reach/reach-list.js';
export type { StateChange } from './state/state-change.js';
export type { DiffLine } from './state/text-diff.js';
export type { Steps } from './steps.js';
export type { FlowChange } from './words/flow-change.js';
export { endsOf } from './words/flow-ends.js';
export type { Named } from './words/named.js';
