export * from './constants.js';
export type { DropReason } from './device/drop-counters.js';
export type { SendOutcome } from './device/outbox.js';
export type { PeerChanges, PeerConfig } from './device/peer-config.js';
export type { EngineStatus, PeerStatus } from './device/status.js';
export type { Effects, EngineEvent, PeerView } from './effects.js';
export { Engine, type EngineOptions } from './engine.js';
export { messageKind } from './messages.js';
export type { Path } from './path.js';
