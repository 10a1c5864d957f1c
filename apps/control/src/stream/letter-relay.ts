import type { Clock } from '#kernel';
import type { Network } from '#netmap';
import type { Letter } from '#wire';
import type { Neighbours } from '../cluster/neighbours.js';
import type { PresenceDirectory } from '../presence/presence-directory.js';
import type { AgentStream } from './agent-stream.js';
import { PairAllowance } from './pair-allowance.js';

/** Whom a tailnet's nodes see. */
interface Sight {
  readonly latest: Network;
  seeEachOther(network: Network, one: string, other: string): boolean;
}

/** Where a relay passes letters on to. */
export interface LetterPorts {
  readonly tailnetId: string;
  readonly neighbours: Neighbours;
  readonly clock: Clock;
  /** The stream of a node, where this process holds it. */
  streamOf(nodeId: string): AgentStream | undefined;
}

/**
 * Carries letters between agents: what two nodes say to each other, that nobody else can read. It keeps nothing and
 * writes nothing down. A letter for a node that the sender does not see, that is away, or that takes none, is dropped
 * without a word: only its sender knows what it meant.
 */
export class LetterRelay {
  readonly #allowance: PairAllowance;

  constructor(
    private readonly sight: Sight,
    private readonly presence: PresenceDirectory,
    private readonly ports: LetterPorts,
  ) {
    this.#allowance = new PairAllowance(ports.clock);
  }

  /** @param nodeId who says it, as its stream has proven */
  carry(nodeId: string, { nodeId: to, content }: Letter): void {
    const { online = false, takesLetters = false } = this.presence.get(to) ?? {};
    if (!online || !takesLetters || !this.#see(nodeId, to) || !this.#allowance.take(nodeId, to)) return;
    const { streamOf, neighbours, tailnetId } = this.ports;
    const stream = streamOf(to);
    if (stream) stream.deliver({ nodeId, content });
    else neighbours.carry(tailnetId, to, { nodeId, content });
  }

  /** Another replica passes on what one of its agents says. @param letter names whom it is from */
  arrived(to: string, letter: Letter): void {
    const stream = this.ports.streamOf(to);
    if (stream && this.presence.get(to)?.takesLetters && this.#see(letter.nodeId, to)) stream.deliver(letter);
  }

  #see(one: string, other: string): boolean {
    return this.sight.seeEachOther(this.sight.latest, one, other);
  }
}
