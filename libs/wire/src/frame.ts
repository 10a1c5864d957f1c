import { create, toBinary } from '@bufbuild/protobuf';
import type { Item } from '#netmap';

import { type Frame as FrameMessage, FrameSchema, StreamResponseSchema } from './gen/netfold/v1/agent_pb.js';
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
  /** Keys of items to drop, before `items` are put. */
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
}

/**
 * A whole `StreamResponse` with a frame, of items that are encoded already. Only the header is encoded here, so its
 * cost is that of copying: the same item goes to every viewer as the same bytes.
 */
export function encodeFrame(header: FrameHeader, items: readonly EncodedItem[]): Uint8Array {
  const { cause, removed, revision, baseRevision, ...rest } = header;
  const message = create(FrameSchema, {
    ...rest,
    revision: BigInt(revision),
    baseRevision: BigInt(baseRevision),
    removed: [...removed],
    ...(cause && { cause: { ...cause, recordedAt: BigInt(cause.recordedAt) } }),
  });
  const pieces = [toBinary(FrameSchema, message), ...items.map((item) => item.field)];
  return wrap(StreamResponseSchema.field.frame.number, pieces);
}

/** @throws NetfoldError `wire.malformed` */
export function frameFrom(message: FrameMessage): Frame {
  const { epoch, digest, snapshot, removed, cause } = message;
  return {
    epoch,
    digest,
    snapshot,
    removed,
    revision: safeNumber('frame.revision', message.revision),
    baseRevision: safeNumber('frame.base_revision', message.baseRevision),
    items: message.items.map(decodeItem),
    ...(cause && {
      cause: {
        eventId: cause.eventId,
        type: cause.type,
        recordedAt: safeNumber('cause.recorded_at', cause.recordedAt),
      },
    }),
  };
}
