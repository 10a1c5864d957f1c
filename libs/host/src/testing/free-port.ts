import { once } from 'node:events';
import { createServer } from 'node:net';

/** Ports that the system gives to nobody by itself (ip_local_port_range), so many of them for each process. */
const [FIRST, SHARES, SHARE] = [10_000, 100, 100];

let taken = 0;

/** A port of 127.0.0.1 that nobody listens on, nor will while whoever asked does not: to listen on later, or again. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST + SHARE * (process.pid % SHARES) + (taken++ % SHARE);
    const server = createServer().listen(port, '127.0.0.1');
    const isFree = await once(server, 'listening').then(
      () => true,
      () => false,
    );
    if (!isFree) continue;
    await once(server.close(), 'close');
    return port;
  }
}
