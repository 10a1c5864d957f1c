import type { Clock } from '#kernel';
import type { Network } from '#netmap';
import type { Letter } from '#wire';
import type { PresenceDirectory } from '../presence/presence-directory.js';
import type { AgentStream } from './agent-stream.js';
import { PairAllowance } from './pair-allowance.js';

/** Whom a tailnet's nodes see. */
interface Sight {
  readonly latest: Network;
  seeEachOther(network: Network, one: string, other: string): boolean;
}

/**
 * Carries letters between the agents whose streams this process holds: what two nodes say to each other, that nobody
 * else can read. It keeps nothing and writes nothing down. A letter for a node that the sender does not see, that is
 * away, or that takes none, is dropped without a word: only its sender knows what it meant.
 */
export class LetterRelay {
  readonly #allowance: PairAllowance;

  constructor(
    private readonly sight: Sight,
    private readonly presence: PresenceDirectory,
    private readonly streamOf: (nodeId: string) => AgentStream | undefined,
    clock: Clock,
  ) {
    this.#allowance = new PairAllowance(clock);
  }

  /** @param nodeId who says it, as its stream has proven */
  carry(nodeId: string, { nodeId: to, content }: Letter): void {
    const stream = this.streamOf(to);
    if (!stream || !this.presence.get(to)?.takesLetters) return;
    if (!this.sight.seeEachOther(this.sight.latest, nodeId, to)) return;
    if (this.#allowance.take(nodeId, to)) stream.deliver({ nodeId, content });
  }
}
