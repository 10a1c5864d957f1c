import type { Letter } from '#wire';
import type { PresenceWord } from '../presence/presence-word.js';

/** The other replicas, as a tailnet speaks to them. What it says is heard soon or not at all; nobody waits for it. */
export interface Neighbours {
  /** The id of this replica, another one after each start. */
  readonly self: string;
  /** This replica's newest word on a node whose stream it holds. */
  tellPresence(tailnet: string, word: PresenceWord): void;
  /** Nobody knows anything of this node any more. */
  forgetPresence(tailnet: string, nodeId: string): void;
  /** A letter to a node whose stream another replica holds. @param letter names whom it is from */
  carry(tailnet: string, to: string, letter: Letter): void;
}

/** For a tailnet that only one process knows of. */
export const noNeighbours: Neighbours = {
  self: 'replica_alone',
  tellPresence: () => {},
  forgetPresence: () => {},
  carry: () => {},
};
