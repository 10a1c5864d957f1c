import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { Endpoint } from '../udp/udp-socket.js';

/** A question that was lost is repeated after so long, in milliseconds. */
const REPEAT_AFTER = 1_500;

/**
 * Asks over UDP, from a port of its own and with an id that nobody can guess (RFC 5452, 9): only an answer from that very
 * nameserver, under that id, counts.
 */
export function askOverUdp(
  { address, port }: Endpoint,
  question: Uint8Array,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
  const id = randomBytes(2);
  const message = Buffer.concat([id, question.subarray(2)]);
  const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
  const send = () => socket.send(message);
  socket.on('error', reject);
  socket.on('message', (reply) => {
    if (reply.length >= 12 && reply.subarray(0, 2).equals(id)) resolve(new Uint8Array(reply));
  });
  const giveUp = () => reject(signal.reason);
  signal.addEventListener('abort', giveUp);
  socket.connect(port, address, send);
  const repeating = setInterval(send, REPEAT_AFTER);
  return promise.finally(() => {
    clearInterval(repeating);
    signal.removeEventListener('abort', giveUp);
    socket.close();
  });
}
