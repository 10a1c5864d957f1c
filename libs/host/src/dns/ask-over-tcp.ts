import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import type { Endpoint } from '../udp/udp-socket.js';
import { framed, messagesOf } from './dns-framing.js';

/** Asks over TCP, on a connection of its own (RFC 7766). */
export async function askOverTcp(
  { address, port }: Endpoint,
  question: Uint8Array,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const id = randomBytes(2);
  const socket = connect({ host: address, port });
  const giveUp = () => socket.destroy(signal.reason as Error);
  signal.addEventListener('abort', giveUp);
  try {
    socket.write(framed(Buffer.concat([id, question.subarray(2)])));
    for await (const reply of messagesOf(socket)) {
      if (reply.length >= 12 && id.equals(reply.subarray(0, 2))) return new Uint8Array(reply);
    }
    throw new Error(`${address} closed the connection without an answer`);
  } finally {
    signal.removeEventListener('abort', giveUp);
    socket.destroy();
  }
}
