// Loaded before the program of each thread (`--import`): a worker that is to send to one of these ports ends by itself.
import { createRequire, syncBuiltinESMExports } from 'node:module';
import { isMainThread, type receiveMessageOnPort } from 'node:worker_threads';
import type { Request } from '../worker/protocol.js';

const PORT = { throws: 1, exits: 2 } as const;

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
    return received;
  };
  syncBuiltinESMExports();
}
