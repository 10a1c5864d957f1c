// A control plane in a process of its own, for main.ts: argument 1 is its state directory. It answers `cpu` with
// the processor time that it has used and `held` also with what it holds, and leaves at once when its parent does.
import { pino } from 'pino';
import { startControl } from '../../../apps/control/src/start-control.js';
import { liveBytes } from './live-bytes.js';

/** What the process holds, in bytes, and the processor time that it has used. */
export interface Held {
  readonly rss: number;
  /** What is in use of V8's heap, and what it holds outside of it; 0 when it was not asked for. */
  readonly live: number;
  /** Of all threads, in microseconds. */
  readonly cpu: number;
}

const loopback = { host: '127.0.0.1', port: 0 };
const control = await startControl({
  stateDir: process.argv[2] ?? '',
  http: loopback,
  grpc: loopback,
  logger: pino({ level: 'error' }, pino.destination(2)),
});
process.send?.({ httpUrl: control.httpUrl, grpcAddress: control.grpcAddress, token: control.adminToken });

process.on('message', (question) => {
  const { user, system } = process.cpuUsage();
  // To collect garbage takes long: whoever asks for the processor time does not want it.
  const live = question === 'held' ? liveBytes() : 0;
  process.send?.({ live, rss: process.memoryUsage.rss(), cpu: user + system } satisfies Held);
});
process.on('disconnect', () => process.exit(0));
