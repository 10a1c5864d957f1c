import { BinaryReader } from '@bufbuild/protobuf/wire';

/** What a frame says of itself, without its items. */
export interface FrameHead {
  readonly epoch: Uint8Array;
  readonly revision: number;
  readonly digest: Uint8Array;
}

// Of `StreamResponse` and `Frame` in agent.proto.
const FRAME = 2;
const [EPOCH, REVISION, DIGEST] = [1, 2, 4];

/**
 * The head of the frame in a server's message, or undefined when it is another message. A thousand agents share the
 * benchmark's process: reading every item a thousand times would measure this process, not the server.
 */
export function skimFrame(bytes: Uint8Array): FrameHead | undefined {
  const outer = new BinaryReader(bytes);
  const [field] = outer.tag();
  if (field !== FRAME) return undefined;
  const reader = new BinaryReader(outer.bytes());
  const head = { epoch: new Uint8Array(), revision: 0, digest: new Uint8Array() };
  while (reader.pos < reader.len) {
    const [number, type] = reader.tag();
    if (number === EPOCH) head.epoch = reader.bytes().slice();
    else if (number === REVISION) head.revision = Number(reader.uint64());
    else if (number === DIGEST) head.digest = reader.bytes().slice();
    else reader.skip(type, number);
  }
  return head;
}
