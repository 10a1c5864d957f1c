import { type Bus, LETTERS, type Message, PRESENCE, type Topic } from '#messaging';
import type { Letter } from '#wire';
import { encodePresenceWord, type PresenceWord } from '../presence/presence-word.js';
import type { Neighbours } from './neighbours.js';

/** Speaks to the other replicas over the bus. What the bus does not take is lost: it means something for seconds. */
export class BusNeighbours implements Neighbours {
  constructor(
    private readonly bus: Bus,
    readonly self: string,
  ) {}

  tellPresence(tailnet: string, word: PresenceWord): void {
    this.#say(PRESENCE, { key: keyOf(tailnet, word.presence.nodeId), value: encodePresenceWord(word) });
  }

  forgetPresence(tailnet: string, nodeId: string): void {
    this.#say(PRESENCE, { key: keyOf(tailnet, nodeId), value: undefined });
  }

  carry(tailnet: string, to: string, { nodeId, content }: Letter): void {
    this.#say(LETTERS, { key: keyOf(tailnet, to), value: content, headers: { from: nodeId, replica: this.self } });
  }

  #say(topic: Topic, message: Message): void {
    this.bus.publish(topic, message).catch(() => {});
  }
}

const keyOf = (tailnet: string, nodeId: string): string => `${tailnet} ${nodeId}`;

/** The tailnet and the node that a key means. */
export function nodeIn(key: string): { readonly tailnet: string; readonly nodeId: string } {
  const [tailnet = '', nodeId = ''] = key.split(' ');
  return { tailnet, nodeId };
}
