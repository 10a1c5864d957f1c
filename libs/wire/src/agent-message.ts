import { create, fromBinary, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { flowReportFrom, flowReportMessage } from './flow-report.js';
import { type StreamRequest, StreamRequestSchema } from './gen/netfold/v1/agent_pb.js';
import { letterFrom } from './letter.js';
import { malformed, reading, safeNumber } from './malformed.js';
import type { AgentMessage } from './messages.js';
import { problemFrom, problemMessage } from './problem.js';

export const encodeAgentMessage = (message: AgentMessage): Uint8Array =>
  toBinary(StreamRequestSchema, create(StreamRequestSchema, { message: oneof(message) }));

/** @throws NetfoldError `wire.malformed` */
export function decodeAgentMessage(bytes: Uint8Array): AgentMessage {
  return plain(reading('a StreamRequest', () => fromBinary(StreamRequestSchema, bytes)).message);
}

function oneof(message: AgentMessage): MessageInitShape<typeof StreamRequestSchema>['message'] {
  switch (message.kind) {
    case 'hello':
      return { case: 'hello', value: message.hello };
    case 'ack': {
      const { revision, digest, problem } = message;
      return {
        case: 'ack',
        value: { revision: BigInt(revision), digest, ...(problem && { problem: problemMessage(problem) }) },
      };
    }
    case 'presence':
      return { case: 'presence', value: { ...message.report, endpoints: [...message.report.endpoints] } };
    case 'pong':
      return { case: 'pong', value: { id: BigInt(message.id) } };
    case 'letter':
      return { case: 'letter', value: message.letter };
    case 'flows':
      return { case: 'flows', value: flowReportMessage(message.report) };
  }
}

function plain(message: StreamRequest['message']): AgentMessage {
  switch (message.case) {
    case 'hello':
      return { kind: 'hello', hello: { claim: message.value.claim, signature: message.value.signature } };
    case 'ack': {
      const { revision, digest, problem } = message.value;
      const ack = { kind: 'ack', revision: safeNumber('ack.revision', revision), digest } as const;
      return problem ? { ...ack, problem: problemFrom(problem) } : ack;
    }
    case 'presence': {
      const { endpoints, os, clientVersion, takesLetters } = message.value;
      return { kind: 'presence', report: { endpoints, os, clientVersion, ...(takesLetters && { takesLetters }) } };
    }
    case 'pong':
      return { kind: 'pong', id: safeNumber('pong.id', message.value.id) };
    case 'letter':
      return { kind: 'letter', letter: letterFrom(message.value) };
    case 'flows':
      return { kind: 'flows', report: flowReportFrom(message.value) };
    default:
      throw malformed('a StreamRequest', 'it holds no message that this version knows');
  }
}
