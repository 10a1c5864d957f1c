import { create, fromBinary, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { frameFrom } from './frame.js';
import { GoodbyeReason, type StreamResponse, StreamResponseSchema } from './gen/netfold/v1/agent_pb.js';
import { letterFrom } from './letter.js';
import { malformed, reading, safeNumber } from './malformed.js';
import type { Challenge, Goodbye, ServerMessage } from './messages.js';
import { presenceFrom } from './presence-update.js';
import { problemFrom, problemMessage } from './problem.js';

const REASON = {
  unspecified: GoodbyeReason.UNSPECIFIED,
  draining: GoodbyeReason.DRAINING,
  removed: GoodbyeReason.REMOVED,
  replaced: GoodbyeReason.REPLACED,
  behind: GoodbyeReason.BEHIND,
} as const satisfies Record<Goodbye['reason'], GoodbyeReason>;

const REASON_NAME = new Map(Object.entries(REASON).map(([name, value]) => [value, name as Goodbye['reason']]));

/** Any message but those that `encodeFrame` and `encodePresenceUpdate` put together of encoded pieces. */
export const encodeServerMessage = (message: Plain): Uint8Array =>
  toBinary(StreamResponseSchema, create(StreamResponseSchema, { message: oneof(message) }));

/** @throws NetfoldError `wire.malformed` */
export function decodeServerMessage(bytes: Uint8Array): ServerMessage {
  return plain(reading('a StreamResponse', () => fromBinary(StreamResponseSchema, bytes)).message);
}

type Plain = Exclude<ServerMessage, { kind: 'frame' | 'presence' }>;

function oneof(message: Plain): MessageInitShape<typeof StreamResponseSchema>['message'] {
  switch (message.kind) {
    case 'challenge':
      return { case: 'challenge', value: challengeMessage(message) };
    case 'ping':
      return { case: 'ping', value: { id: BigInt(message.id), servers: [...(message.servers ?? [])] } };
    case 'letter':
      return { case: 'letter', value: message.letter };
    case 'key-rotation-due':
      return { case: 'keyRotationDue', value: {} };
    case 'goodbye': {
      const { reason, retryAfter, problem } = message;
      const value = { reason: REASON[reason], retryAfter, ...(problem && { problem: problemMessage(problem) }) };
      return { case: 'goodbye', value };
    }
  }
}

const challengeMessage = ({ nonce, servers = [], takesFlows = false }: Challenge) => ({
  nonce,
  servers: [...servers],
  takesFlows,
});

const told = (servers: readonly string[]) => (servers.length > 0 ? { servers } : {});

function plain(message: StreamResponse['message']): ServerMessage {
  switch (message.case) {
    case 'challenge': {
      const { nonce, servers, takesFlows } = message.value;
      return { kind: 'challenge', nonce, ...told(servers), ...(takesFlows && { takesFlows }) };
    }
    case 'frame':
      return { kind: 'frame', frame: frameFrom(message.value) };
    case 'presence':
      return { kind: 'presence', peers: presenceFrom(message.value) };
    case 'ping':
      return { kind: 'ping', id: safeNumber('ping.id', message.value.id), ...told(message.value.servers) };
    case 'letter':
      return { kind: 'letter', letter: letterFrom(message.value) };
    case 'keyRotationDue':
      return { kind: 'key-rotation-due' };
    case 'goodbye': {
      const { reason, retryAfter, problem } = message.value;
      const goodbye = { kind: 'goodbye', reason: REASON_NAME.get(reason) ?? 'unspecified', retryAfter } as const;
      return problem ? { ...goodbye, problem: problemFrom(problem) } : goodbye;
    }
    default:
      throw malformed('a StreamResponse', 'it holds no message that this version knows');
  }
}
