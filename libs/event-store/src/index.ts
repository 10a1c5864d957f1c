export * from './checked-store.js';
export * from './errors.js';
export * from './event.js';
export * from './event-hash.js';
export * from './event-id.js';
export * from './event-store.js';
export type { Recorded } from './kurrentdb/event-codec.js';
export { isKurrentUrl } from './kurrentdb/kurrent-address.js';
export { isWrongRevision, kurrentError } from './kurrentdb/kurrent-error.js';
export {
  type KurrentOptions,
  type OpenLedger,
  openKurrentEventStore,
  reachLedger,
} from './kurrentdb/open-kurrent-event-store.js';
export { type RetryOptions, retry } from './kurrentdb/retry.js';
export { StreamRegistry } from './kurrentdb/stream-registry.js';
export * from './ledger-leaf.js';
export * from './memory/memory-event-store.js';
export * from './seal.js';
export * from './sqlite/sqlite-event-store.js';
export { isUnreadable, subscribeThrough } from './stream-quarantine.js';
export { JsonLinesSource } from './transfer/json-lines/json-lines-source.js';
export { JsonLinesTarget } from './transfer/json-lines/json-lines-target.js';
export { LineWriter } from './transfer/json-lines/line-writer.js';
export * from './transfer/ledger-ports.js';
export * from './transfer/open-ledger.js';
export * from './transfer/replay-ledger.js';
export { StoreLedger } from './transfer/store-ledger.js';
export * from './transfer/verify-ledger.js';
export type { EventPlace, UnreadableEvent } from './unreadable-event.js';
export * from './verify-chain.js';
