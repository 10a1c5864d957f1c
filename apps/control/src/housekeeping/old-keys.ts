import { createHash } from 'node:crypto';
import type { Clock } from '#kernel';
import type { Node } from '#tailnet';
import type { AgentStream } from '../stream/agent-stream.js';
import type { Tailnet } from '../tailnet/tailnet.js';

/** A node that does not do it is asked again after so many milliseconds. */
const ASK_EVERY = 60_000;
/** Nodes that joined together are asked over so much of the time that their keys may last. */
const SPREAD = 0.1;

/**
 * Sees to it that nodes replace their WireGuard keys in time. How old a key is stands in the ledger, so a restart of
 * either side changes nothing; nodes that are away are asked when they come back.
 */
export class OldKeys {
  readonly #askedAt = new WeakMap<AgentStream, number>();

  constructor(private readonly clock: Clock) {}

  tend({ fold, hub, presence }: Tailnet): void {
    const { nodes, settings } = fold.state;
    const { keyRotation } = settings;
    if (keyRotation === null || hub.size === 0) return;
    const now = this.clock.now();
    for (const node of nodes.values()) {
      const stream = isOld(node, keyRotation, now) ? hub.streamOf(node.id) : undefined;
      if (!stream || !presence.get(node.id)?.takesLetters) continue;
      if (now - (this.#askedAt.get(stream) ?? Number.NEGATIVE_INFINITY) < ASK_EVERY) continue;
      this.#askedAt.set(stream, now);
      stream.askForKeyRotation();
    }
  }
}

/** A key that has expired is of no use, and only a login replaces it. */
const isOld = ({ id, keySince, expired }: Node, keyRotation: number, now: number): boolean =>
  !expired &&
  now - keySince >= keyRotation * (1 - SPREAD) &&
  now - keySince >= keyRotation * (1 - SPREAD * shareOf(id));

/** A number from 0 to 1 that a node keeps. */
const shareOf = (nodeId: string): number => createHash('sha256').update(nodeId).digest().readUInt16BE() / 0x1_0000;
