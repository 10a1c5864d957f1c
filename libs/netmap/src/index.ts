export { advance, networkFromScratch } from './advance.js';
export { affectedViewers } from './affected-viewers.js';
export { type Change, emptyChange, mergeChanges } from './change.js';
export { diffView } from './diff-view.js';
export {
  type Digest,
  digestOf,
  type EncodedItem,
  type Encoder,
  emptyDigest,
  updateDigest,
} from './digest.js';
export * from './item.js';
export { bearsAny, type Party, partyOf } from './labels.js';
export {
  applyDiff,
  diffNetmaps,
  emptyNetmap,
  isEmptyDiff,
  type Netmap,
  type NetmapDiff,
  type Upsert,
} from './netmap.js';
export { emptyNetwork, type Network } from './network.js';
export { PolicyIndex } from './policy-index.js';
export { isExitPrefix, rankRouters } from './route-election.js';
export { factsOf } from './state-facts.js';
export { type Moment, type Span, Timeline } from './timeline.js';
export { peersOf, seeEachOther, viewOf } from './view.js';
export { digestOfView } from './view-digest.js';
