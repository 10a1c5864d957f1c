import { type Bus, type BusSubscription, LETTERS, PRESENCE, type ReceivedMessage } from '#messaging';
import { decodePresenceWord } from '../presence/presence-word.js';
import type { Tailnets } from '../tailnet/tailnets.js';
import { nodeIn } from './bus-neighbours.js';
import type { Replicas } from './replicas.js';

/** Hands what other replicas say to the tailnets that it is about. It begins with what each of them said last. */
export function listenToNeighbours(bus: Bus, replicas: Replicas, tailnets: Tailnets): readonly BusSubscription[] {
  const presence = ({ key, value }: ReceivedMessage): void => {
    const { tailnet, nodeId } = nodeIn(key);
    if (!value) return;
    const word = decodePresenceWord(nodeId, value);
    // What this replica said itself, it knew when it said it.
    if (word.replica !== replicas.self) tailnets.open(tailnet).hub.heard(word, replicas.isAlive(word.replica));
  };
  const letter = ({ key, value, headers: { from, replica } }: ReceivedMessage): void => {
    const { tailnet, nodeId } = nodeIn(key);
    if (!value || from === undefined || replica === replicas.self) return;
    tailnets.find(tailnet)?.letters.arrived(nodeId, { nodeId: from, content: value });
  };
  return [bus.subscribe(PRESENCE, 'all-kept', presence), bus.subscribe(LETTERS, 'newest', letter)];
}
