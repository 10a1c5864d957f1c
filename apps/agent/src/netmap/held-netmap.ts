import { equalBytes, NetfoldError, toHex } from '#kernel';
import {
  applyDiff,
  type Digest,
  emptyDigest,
  emptyNetmap,
  type Item,
  keyOf,
  type Netmap,
  type NetmapDiff,
  updateDigest,
} from '#netmap';
import { encodeItem, type Frame } from '#wire';

/** A netmap whose digest is proven, and the place in history that it is from. */
export interface HeldNetmap {
  /** Names the history; absent before the first frame. */
  readonly epoch: Uint8Array | undefined;
  readonly revision: number;
  readonly digest: Digest;
  readonly netmap: Netmap;
}

export const nothingHeld: HeldNetmap = { epoch: undefined, revision: 0, digest: emptyDigest, netmap: emptyNetmap };

/**
 * The netmap after a frame; what is held stays as it is.
 * @throws NetfoldError `agent.netmap_gap`, `agent.netmap_digest`
 */
export function applyFrame(held: HeldNetmap, frame: Frame): HeldNetmap {
  if (!frame.snapshot) checkBase(held, frame);
  const { before, diff } = frame.snapshot ? snapshotStep(frame) : { before: held, diff: stepOf(held.netmap, frame) };
  const digest = updateDigest(before.digest, diff, encodeItem);
  if (!equalBytes(digest, frame.digest)) throw digestProblem(frame, digest);
  return { epoch: frame.epoch, revision: frame.revision, digest, netmap: applyDiff(before.netmap, diff) };
}

function checkBase({ epoch, revision }: HeldNetmap, frame: Frame): void {
  if (epoch && equalBytes(epoch, frame.epoch) && revision === frame.baseRevision) return;
  throw new NetfoldError({
    code: 'agent.netmap_gap',
    message: `a step from revision ${frame.baseRevision} cannot follow revision ${epoch ? revision : 'none'}`,
    where: `revision ${frame.revision}`,
  });
}

const snapshotStep = ({ items }: Frame) => ({
  before: nothingHeld,
  diff: { removed: [], upserted: [...byKey(items)].map(([, after]) => ({ after })) },
});

function stepOf(netmap: Netmap, { removed, items }: Frame): NetmapDiff {
  const put = byKey(items);
  const gone = [...new Set(removed)].filter((key) => !put.has(key)).map((key) => netmap.get(key));
  return {
    removed: gone.filter((item) => item !== undefined),
    upserted: [...put].map(([key, after]) => {
      const before = netmap.get(key);
      return before ? { before, after } : { after };
    }),
  };
}

const byKey = (items: readonly Item[]) => new Map(items.map((item) => [keyOf(item), item]));

const digestProblem = ({ revision, digest }: Frame, got: Digest): NetfoldError =>
  new NetfoldError({
    code: 'agent.netmap_digest',
    message: `the netmap would have the digest ${toHex(got).slice(0, 16)}…, not ${toHex(digest).slice(0, 16)}…`,
    where: `revision ${revision}`,
    hint: 'the agent keeps the last good netmap and asks for a whole one',
  });
