import type { PeerPresence } from '#wire';
import type { PresenceWord } from './presence-word.js';

interface Heard {
  readonly word: PresenceWord;
  /** Whether its replica is. */
  readonly alive: boolean;
}

interface Entry {
  /** The last word of each replica on the newest stream: one, unless two replicas count a stream alike. */
  readonly words: readonly Heard[];
  readonly believed: Heard;
  /** What others are told: that the node is away, once nothing is heard of its replica. */
  readonly shown: PeerPresence;
  /** By this process's clock. */
  readonly heardAt: number;
}

/**
 * The newest that the replicas say of a tailnet's nodes. It begins empty with the process; agents and replicas fill it.
 * Whoever takes the same words believes the same, in whatever order they came and how often: a set of words is kept, which
 * grows by the rules of a join semilattice (Shapiro et al., Conflict-free Replicated Data Types, 2011), and one is chosen of it.
 */
export class PresenceDirectory {
  readonly #byNode = new Map<string, Entry>();

  get(nodeId: string): PeerPresence | undefined {
    return this.#byNode.get(nodeId)?.shown;
  }

  /** When this process heard of it last, in milliseconds of its own clock: that of a neighbour may be wrong. */
  heardAt(nodeId: string): number | undefined {
    return this.#byNode.get(nodeId)?.heardAt;
  }

  /** Of the newest stream that is known; 0: none is. */
  generation(nodeId: string): number {
    return this.#byNode.get(nodeId)?.believed.word.generation ?? 0;
  }

  /** The replica whose word on a node is believed. */
  replicaOf(nodeId: string): string | undefined {
    return this.#byNode.get(nodeId)?.believed.word.replica;
  }

  /** @param alive whether its replica is @returns false when another word goes on being believed */
  take(word: PresenceWord, alive: boolean, now: number): boolean {
    const { nodeId } = word.presence;
    const known = this.#byNode.get(nodeId);
    const words = withWord(known?.words ?? [], { word, alive });
    if (!words) return false;
    const entry = entryOf(words, now);
    const isSame = known?.believed === entry.believed;
    this.#byNode.set(nodeId, isSame ? { ...entry, heardAt: known.heardAt } : entry);
    return !isSame;
  }

  /** A replica is not heard of any more, or is again. @returns the nodes for which that makes a difference */
  setAlive(replica: string, alive: boolean, now: number): string[] {
    const changed: string[] = [];
    for (const [nodeId, known] of this.#byNode) {
      if (!known.words.some((heard) => heard.word.replica === replica && heard.alive !== alive)) continue;
      const words = known.words.map((heard) => (heard.word.replica === replica ? { ...heard, alive } : heard));
      const entry = entryOf(words, now);
      const isSame = known.believed.word === entry.believed.word && known.shown.online === entry.shown.online;
      this.#byNode.set(nodeId, isSame ? { ...entry, heardAt: known.heardAt } : entry);
      if (!isSame) changed.push(nodeId);
    }
    return changed;
  }

  delete(nodeId: string): void {
    this.#byNode.delete(nodeId);
  }
}

/** A later stream's words take the place of all, and one of a replica that of what it said before. @returns undefined if nothing is new */
function withWord(words: readonly Heard[], next: Heard): readonly Heard[] | undefined {
  const { replica, generation, sequence } = next.word;
  const newest = words[0]?.word.generation ?? 0;
  if (words.length === 0 || generation > newest) return [next];
  if (generation < newest) return undefined;
  const before = words.find(({ word }) => word.replica === replica);
  if (before && before.word.sequence >= sequence) return undefined;
  return [...words.filter((heard) => heard !== before), next];
}

function entryOf(words: readonly Heard[], heardAt: number): Entry {
  const believed = words.reduce((best, heard) => (isRatherBelieved(heard, best) ? heard : best));
  const { word, alive } = believed;
  return { words, believed, shown: alive ? word.presence : away(word), heardAt };
}

/** Of two replicas, the one that has the node is right; should both or neither have it, all choose the same one. */
function isRatherBelieved(one: Heard, other: Heard): boolean {
  const [has, otherHas] = [one, other].map(({ word, alive }) => alive && word.presence.online);
  return has === otherHas ? one.word.replica > other.word.replica : has === true;
}

const away = ({ presence }: PresenceWord): PeerPresence => ({ ...presence, online: false, endpoints: [] });
