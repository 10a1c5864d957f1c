// Load for one end of a tunnel: datagrams to many addresses, a few to each in turn, as programs hand them over that have much
// to send, and as fast as the interface takes them. Takes a file with its task in JSON; prints `ready`, then `sent`
// whenever it was signalled and has sent.
import { readFileSync } from 'node:fs';
import { libc } from '#host';
import { RawSocket } from './raw-socket.js';

export interface Spray {
  readonly source: string;
  readonly destinations: readonly string[];
  /** Each time. */
  readonly bursts: number;
}

const DISCARD = 9;
const LENGTH = 1_200;
/** As much as one call may hand over. */
const AT_ONCE = 50;
const { source, destinations, bursts } = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as Spray;
const sockets = destinations.map((address) => new RawSocket(source, { address, port: DISCARD }));
for (const socket of sockets) socket.segment(LENGTH);
const memory = new libc.SystemMemory(LENGTH * AT_ONCE);

process.on('SIGUSR2', () => {
  for (let i = 0; i < bursts; i++) sockets[i % sockets.length]?.write(memory.address, LENGTH * AT_ONCE);
  console.log('sent');
});
setInterval(() => {}, 1 << 30); // a signal alone keeps no process alive
console.log('ready');
