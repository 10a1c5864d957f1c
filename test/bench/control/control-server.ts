// A control plane in a process of its own, for main.ts: argument 1 is its state directory. It answers each message
// `memory` with the bytes that it holds, and leaves at once when its parent does.
import { pino } from 'pino';
import { startControl } from '../../../apps/control/src/start-control.js';

const loopback = { host: '127.0.0.1', port: 0 };
const control = await startControl({
  stateDir: process.argv[2] ?? '',
  http: loopback,
  grpc: loopback,
  logger: pino({ level: 'error' }, pino.destination(2)),
});
process.send?.({ httpUrl: control.httpUrl, grpcAddress: control.grpcAddress, token: control.adminToken });

process.on('message', () => {
  globalThis.gc?.();
  process.send?.({ rss: process.memoryUsage().rss, cpu: process.cpuUsage() });
});
process.on('disconnect', () => process.exit(0));
