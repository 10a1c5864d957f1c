import type { Duplex } from 'node:stream';

/** Milliseconds that a client gets to hear why it is sent away. */
const PATIENCE = 10_000;

/**
 * Ends a connection with an answer. What the client still sends is read and dropped: closing with it unread would
 * reset the connection and lose the answer on its way.
 */
export function endWith(client: Duplex, answer: Uint8Array | string): void {
  client.end(answer);
  client.resume();
  const timer = setTimeout(() => client.destroy(), PATIENCE);
  client.once('close', () => clearTimeout(timer));
}
