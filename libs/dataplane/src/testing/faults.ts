// Loaded before the program of each thread (`--import`): a worker that is to send to one of these ports, or to keep
// sessions alive in this rhythm, ends by itself. Who waits for an answer is called twice, the second time late.
import { createRequire, syncBuiltinESMExports } from 'node:module';
import { isMainThread, type receiveMessageOnPort } from 'node:worker_threads';
import type { Request } from '../worker/protocol.js';

const PORT = { throws: 1, exits: 2 } as const;
export const FATAL_KEEPALIVE = 3;
const LATE_MS = 2;

interface Threads {
  receiveMessageOnPort: typeof receiveMessageOnPort;
}

if (!isMainThread) {
  const threads = createRequire(import.meta.url)('node:worker_threads') as Threads;
  const { receiveMessageOnPort: receive } = threads;
  threads.receiveMessageOnPort = (port) => {
    const received = receive(port) as { message: Request } | undefined;
    if (received?.message.call === 'transmit') {
      const [to] = received.message.words;
      if (to.port === PORT.throws) throw new TypeError('a mistake');
      if (to.port === PORT.exits) process.exit(3);
    }
    if (received?.message.call === 'updatePeer' && received.message.words[1].persistentKeepalive === FATAL_KEEPALIVE) {
      throw new TypeError('a mistake');
    }
    return received;
  };
  syncBuiltinESMExports();

  const { notify } = Atomics;
  Atomics.notify = (array: Int32Array | BigInt64Array, index: number) => {
    const again = () => notify(array as Int32Array, index);
    const woken = again();
    for (const until = performance.now() + LATE_MS; performance.now() < until; );
    return woken + again();
  };
}
