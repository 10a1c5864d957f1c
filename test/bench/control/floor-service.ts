import type { MethodDefinition } from '@grpc/grpc-js';

/** What the server is to write to every stream: `bytes` in all, in `frames` messages of one size. */
export interface FloorRound {
  readonly frames: number;
  readonly bytes: number;
}

const same = (bytes: Buffer): Buffer => bytes;

export const FLOOR_STREAM: MethodDefinition<Buffer, Buffer> = {
  path: '/floor.Floor/Stream',
  requestStream: true,
  responseStream: true,
  requestSerialize: same,
  requestDeserialize: same,
  responseSerialize: same,
  responseDeserialize: same,
};

export const FLOOR_SERVICE = { stream: FLOOR_STREAM };
