import type { Duplex } from 'node:stream';

/**
 * Makes two connections one: what one end sends, the other gets, each direction ends by itself, and a failure of one
 * ends both.
 */
export function joinStreams(a: Duplex, b: Duplex): void {
  for (const [from, to] of [
    [a, b],
    [b, a],
  ] as const) {
    from.pipe(to);
    from.on('error', () => to.destroy(new Error('the other connection failed')));
    // A stream that closes with both directions done has passed everything on; the other may still be writing it.
    from.on('close', () => {
      if (!from.readableEnded || !from.writableFinished) to.destroy();
    });
  }
}
