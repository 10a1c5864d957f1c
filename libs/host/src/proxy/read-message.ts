import type { Readable } from 'node:stream';
import { type Parsed, SOCKS, SocksSyntax } from './socks5-messages.js';

/** The longest request holds a name of 255 bytes. */
const LONGEST = 512;

/** Reads one message and leaves what follows it in the stream. @throws SocksSyntax */
export function readMessage<T>(stream: Readable, parse: (bytes: Uint8Array) => Parsed<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    let seen: Uint8Array = new Uint8Array(0);
    const read = () => {
      try {
        const chunk: Uint8Array | null = stream.read();
        if (!chunk && !stream.readableEnded && !stream.destroyed) return;
        if (!chunk || seen.length > LONGEST) throw new SocksSyntax('not a whole message', SOCKS.reply.failure);
        seen = Buffer.concat([seen, chunk]);
        const parsed = parse(seen);
        if (!parsed) return;
        if (seen.length > parsed.length) stream.unshift(seen.subarray(parsed.length));
        settle(() => resolve(parsed.value));
      } catch (error) {
        settle(() => reject(error));
      }
    };
    const settle = (how: () => void) => {
      for (const event of EVENTS) stream.off(event, read);
      how();
    };
    for (const event of EVENTS) stream.on(event, read);
    read();
  });
}

const EVENTS = ['readable', 'end', 'close'] as const;
