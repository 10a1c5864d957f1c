import type { MethodDefinition } from '@grpc/grpc-js';
import { AgentService } from './gen/netfold/v1/agent_pb.js';

/** Bytes in, bytes out: what is sent to many is encoded once, and what cannot be read gets a coded error of ours. */
type BytesMethod = MethodDefinition<Uint8Array, Uint8Array>;

const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
const asIs = (bytes: Buffer): Uint8Array => bytes;

function method(name: keyof typeof AgentService.method): BytesMethod {
  const { name: rpc, methodKind } = AgentService.method[name];
  return {
    path: `/${AgentService.typeName}/${rpc}`,
    requestStream: methodKind === 'bidi_streaming',
    responseStream: methodKind === 'bidi_streaming',
    requestSerialize: asBuffer,
    requestDeserialize: asIs,
    responseSerialize: asBuffer,
    responseDeserialize: asIs,
  };
}

/** `netfold.v1.AgentService` for a grpc-js server or client; see agent.proto for what each method does. */
export const agentService = {
  challenge: method('challenge'),
  beginLogin: method('beginLogin'),
  register: method('register'),
  command: method('command'),
  stream: method('stream'),
} as const satisfies Record<keyof typeof AgentService.method, BytesMethod>;

/** The trailer in which a failed call carries its `Problem`. */
export const PROBLEM_TRAILER = 'netfold-problem-bin';
