import { create, toBinary } from '@bufbuild/protobuf';
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import type { Item } from '#netmap';
import { type CheckpointStep, checkpointFrom } from './checkpoint.js';
import {
  CauseSchema,
  type Frame as FrameMessage,
  FrameSchema,
  StreamResponseSchema,
} from './gen/netfold/v1/agent_pb.js';
import { decodeItem, type EncodedItem } from './item.js';
import { safeNumber } from './malformed.js';
import { wrap } from './wrap.js';

/** What a frame says beside its items. */
export interface FrameHeader {
  /** Names the history: a revision means nothing in another one. */
  readonly epoch: Uint8Array;
  readonly revision: number;
  /** The revision that the frame builds on; meaningless in a snapshot. */
  readonly baseRevision: number;
  /** Of the netmap that results. */
  readonly digest: Uint8Array;
  /** The items are all there is. */
  readonly snapshot: boolean;
  /** The newest event that the frame brings. */
  readonly cause?: Cause;
  /** Keys of items to drop, before the frame's items are put. */
  readonly removed: readonly string[];
}

/** An event of the ledger, to trace when it took effect. */
export interface Cause {
  readonly eventId: string;
  readonly type: string;
  /** When it was appended: milliseconds since the Unix epoch. */
  readonly recordedAt: number;
}

/** The step from one netmap to a newer one. */
export interface Frame extends FrameHeader {
  readonly items: readonly Item[];
  /** Of a ledger that contains the frame's revision; absent when the server signs none. */
  readonly checkpoint?: CheckpointStep;
}

const FIELD = FrameSchema.field;
const LENGTH = WireType.LengthDelimited;

// One for all, because each new one allocates a buffer of its own.
const writer = new BinaryWriter();

const encodedCauses = new WeakMap<Cause, Uint8Array>();

/**
 * A whole `StreamResponse` with a frame, of items that are encoded already. Only the header is encoded here, by hand,
 * so that a frame costs little more than the copying: the same item goes to every viewer as the same bytes.
 * @param checkpoint as `encodeCheckpoint` makes it
 */
export function encodeFrame(header: FrameHeader, items: readonly EncodedItem[], checkpoint?: Uint8Array): Uint8Array {
  writer.finish(); // whatever an error may have left behind
  writer.tag(FIELD.epoch.number, LENGTH).bytes(header.epoch);
  writer.tag(FIELD.revision.number, WireType.Varint).uint64(header.revision);
  writer.tag(FIELD.baseRevision.number, WireType.Varint).uint64(header.baseRevision);
  writer.tag(FIELD.digest.number, LENGTH).bytes(header.digest);
  writer.tag(FIELD.snapshot.number, WireType.Varint).bool(header.snapshot);
  if (header.cause) writer.tag(FIELD.cause.number, LENGTH).bytes(encodeCause(header.cause));
  for (const key of header.removed) writer.tag(FIELD.removed.number, LENGTH).string(key);
  if (checkpoint) writer.tag(FIELD.checkpoint.number, LENGTH).bytes(checkpoint);
  const pieces: Uint8Array[] = [writer.finish()];
  for (const item of items) pieces.push(item.field);
  return wrap(StreamResponseSchema.field.frame.number, pieces);
}

function encodeCause(cause: Cause): Uint8Array {
  const known = encodedCauses.get(cause);
  if (known) return known;
  const { eventId, type, recordedAt } = cause;
  const fresh = toBinary(CauseSchema, create(CauseSchema, { eventId, type, recordedAt: BigInt(recordedAt) }));
  encodedCauses.set(cause, fresh);
  return fresh;
}

/** @throws NetfoldError `wire.malformed` */
export function frameFrom(message: FrameMessage): Frame {
  const { epoch, digest, snapshot, removed, cause, checkpoint } = message;
  return {
    epoch,
    digest,
    snapshot,
    removed,
    revision: safeNumber('frame.revision', message.revision),
    baseRevision: safeNumber('frame.base_revision', message.baseRevision),
    items: message.items.map(decodeItem),
    ...(checkpoint && { checkpoint: checkpointFrom(checkpoint) }),
    ...(cause && {
      cause: {
        eventId: cause.eventId,
        type: cause.type,
        recordedAt: safeNumber('cause.recorded_at', cause.recordedAt),
      },
    }),
  };
}
