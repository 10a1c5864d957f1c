// Load for one end of a tunnel: handshakes of as many peers as there are members, a fixed number of them under way at a
// time. Initiations are made beforehand and their answers are only recognized, so that the end under load is what limits.
// Takes a file with its task in JSON; prints a line when it begins, and its result in JSON.
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { CookieClient, INITIATION_LENGTH } from './cookie-client.js';
import type { Load } from './crowd.js';
import { packetFrom } from './packet.js';
import { keyOf, VirtualClient } from './virtual-client.js';

export interface Storm extends Load {
  /** Where initiations are kept for the next storm of the same members. */
  readonly cache: string;
}

export interface StormOutcome {
  readonly answered: number;
  readonly cookies: number;
  readonly lost: number;
  readonly seconds: number;
}

const EACH = 40;
/** Handshakes under way: fewer than what the others take for an attack. */
const WINDOW = 64;
const PATIENCE_MS = 250;
const { target, publicKey, members, seconds, cache } = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as Storm;

/** `EACH` initiations of each member, each later than the one before. */
function prepare(): Uint8Array {
  if (existsSync(cache)) return readFileSync(cache);
  const made = new Uint8Array(members.length * EACH * INITIATION_LENGTH);
  const packet = packetFrom('10.70.0.1', '10.71.0.1', 28);
  for (const [index, member] of members.entries()) {
    let at = index * EACH * INITIATION_LENGTH;
    const client = new VirtualClient(member, publicKey, (datagram) => {
      made.set(datagram, at);
      at += INITIATION_LENGTH;
    });
    for (let i = 0; i < EACH; i++) {
      client.send(packet);
      client.now += 5_001; // no sooner may it try again
    }
  }
  writeFileSync(cache, made);
  return made;
}

const initiations = prepare();
const cookieClient = new CookieClient(keyOf(publicKey));

class Member {
  used = 0;
  sentAt = Number.NEGATIVE_INFINITY;
  waiting = false;
  cookie: Uint8Array | undefined;

  constructor(
    readonly index: number,
    readonly socket: Socket,
  ) {}

  get message(): Uint8Array {
    const at = (this.index * EACH + this.used - 1) * INITIATION_LENGTH;
    return initiations.subarray(at, at + INITIATION_LENGTH);
  }
}

const outcome = { answered: 0, cookies: 0, lost: 0, seconds: 0 };
const crowd: Member[] = [];
let next = 0;
let over = false;

function begin(): void {
  const member = crowd[next++ % crowd.length] as Member;
  over ||= member.used === EACH;
  if (over) return;
  if (member.waiting) outcome.lost++;
  member.used++;
  member.waiting = true;
  member.sentAt = performance.now();
  if (member.cookie) cookieClient.stamp(member.message, member.cookie);
  member.socket.send(member.message);
}

function receive(member: Member, datagram: Uint8Array): void {
  if (!member.waiting) return;
  if (datagram[0] === 2) outcome.answered++;
  else if (datagram[0] === 3) {
    outcome.cookies++;
    member.cookie = cookieClient.open(datagram, member.message);
  } else return;
  member.waiting = false;
  begin();
}

for (const [index, { outer }] of members.entries()) {
  const socket = createSocket('udp4');
  const member = new Member(index, socket);
  socket.bind(0, outer);
  await once(socket, 'listening');
  socket.connect(target.port, target.address);
  await once(socket, 'connect');
  socket.on('message', (datagram) => receive(member, datagram));
  crowd.push(member);
}

console.log('ready');
await once(process, 'SIGUSR2');
const start = performance.now();
for (let i = 0; i < WINDOW; i++) begin();
while (!over && performance.now() - start < 1000 * seconds) {
  await pause(PATIENCE_MS / 5);
  const late = performance.now() - PATIENCE_MS;
  for (const member of crowd) {
    if (!member.waiting || member.sentAt > late) continue;
    member.waiting = false;
    outcome.lost++;
    begin();
  }
}
over = true;
outcome.seconds = (performance.now() - start) / 1000;
console.log(`outcome ${JSON.stringify(outcome)}`);
process.exit(0);
