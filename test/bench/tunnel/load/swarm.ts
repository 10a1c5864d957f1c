// Load for one end of a tunnel: many flows of small packets, sealed beforehand and sent as fast as they can be, from
// as many peers as there are members. Takes a file with its task in JSON; prints `ready`, then `sent` whenever it was
// signalled and has sent its next part.
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { libc } from '#host';
import type { Load } from './crowd.js';
import { packetFrom } from './packet.js';
import { RawSocket } from './raw-socket.js';
import { VirtualClient } from './virtual-client.js';

export interface Swarm extends Load {
  /** Inner addresses, dealt out to the members in turn. */
  readonly flows: readonly string[];
  readonly destination: string;
  /** In each turn. */
  readonly packets: number;
  readonly turns: number;
}

const PACKET = 128;
const ROOM = PACKET + 32;
const { target, publicKey, members, flows, destination, packets, turns } = JSON.parse(
  readFileSync(process.argv[2] ?? '', 'utf8'),
) as Swarm;

const sealed = new libc.SystemMemory(turns * packets * ROOM);
const scratch = new libc.SystemMemory(4096);
const sockets = members.map(({ outer }) => new RawSocket(outer, target));
let take: (index: number, datagram: Uint8Array) => void = (index, datagram) => {
  scratch.bytes.set(datagram);
  sockets[index]?.write(scratch.address, datagram.length);
};
const clients = members.map((member, index) => new VirtualClient(member, publicKey, (bytes) => take(index, bytes)));

/** Begins a few handshakes at a time, so that nobody takes them for an attack. */
async function connect(): Promise<void> {
  for (const [index, client] of clients.entries()) {
    client.send(packetFrom(flows[index] as string, destination, PACKET));
    for (let tries = 0; !client.engine.status().peers[0]?.connected; tries++) {
      if (tries > 2000) throw new Error(`peer ${index} gets no answer`);
      const length = sockets[index]?.read(scratch.address, 4096) ?? 0;
      if (length > 0) client.receive(scratch.bytes.slice(0, length));
      else await pause(1);
    }
  }
}

function seal(): void {
  let at = 0;
  take = (_index, datagram) => {
    sealed.bytes.set(datagram, at);
    at += ROOM;
  };
  const ready = flows.map((flow) => packetFrom(flow, destination, PACKET));
  for (let i = 0; i < turns * packets; i++)
    clients[(i % flows.length) % clients.length]?.send(ready[i % flows.length] as Uint8Array);
}

function send(first: number): void {
  for (let i = first; i < first + packets; i++) {
    const socket = sockets[(i % flows.length) % clients.length] as RawSocket;
    while (!socket.write(sealed.address + i * ROOM, ROOM) && libc.errno() === libc.EAGAIN);
  }
}

await connect();
for (const socket of sockets) socket.deafen();
seal();
let turn = 0;
process.on('SIGUSR2', () => {
  send(packets * turn++);
  console.log('sent');
});
setInterval(() => {}, 1 << 30); // a signal alone keeps no process alive
console.log('ready');
