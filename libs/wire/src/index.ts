export * from './agent-client.js';
export { decodeAgentMessage, encodeAgentMessage } from './agent-message.js';
export { agentService, PROBLEM_TRAILER } from './agent-service.js';
export { type CheckpointStep, encodeCheckpoint, type LedgerHead } from './checkpoint.js';
export * from './claims.js';
export { type FlowRecord, type FlowReport, MAX_FLOWS } from './flow-report.js';
export { type Cause, encodeFrame, type Frame, type FrameHeader } from './frame.js';
export * from './item.js';
export * from './messages.js';
export { encodePresenceUpdate } from './presence-update.js';
export { decodeProblem, encodeProblem } from './problem.js';
export { decodeServerMessage, encodeServerMessage } from './server-message.js';
export {
  decodeSignedClaim,
  encodeChallenge,
  encodeCommandDone,
  encodeLoginBegun,
  encodeRegistration,
} from './unary.js';
