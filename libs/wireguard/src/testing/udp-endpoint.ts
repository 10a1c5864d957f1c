import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:dgram';
import { type KeyPair, newDhKeyPair } from '#crypto';
import { NativeCrypto } from '#crypto/native';
import { Engine } from '../engine.js';
import type { Path } from '../path.js';

export const crypto = new NativeCrypto();
export const random = { bytes: (length: number) => new Uint8Array(randomBytes(length)) };

export interface UdpPath extends Path {
  readonly host: string;
  readonly port: number;
}
export const udpPath = (host: string, port: number): UdpPath => ({ key: `${host}:${port}`, source: host, host, port });

/** An engine on a UDP socket, which answers echo requests as a kernel would. */
export class UdpEndpoint {
  readonly keys: KeyPair = newDhKeyPair(crypto, random);
  readonly replies: Uint8Array[] = [];
  readonly engine: Engine<UdpPath>;
  private timer: NodeJS.Timeout | undefined;
  private readonly waiting: (() => void)[] = [];

  constructor(readonly socket: Socket) {
    this.engine = new Engine<UdpPath>({
      crypto,
      random,
      wallClock: Date,
      effects: {
        transmit: ({ host, port }, datagram) => socket.send(Uint8Array.from(datagram), port, host),
        deliver: (_peer, packet) => this.deliver(packet),
        notWireguard: () => {},
        event: () => {},
      },
    });
    this.engine.setPrivateKey(this.keys.privateKey);
    socket.on('message', (datagram, from) => {
      this.engine.receive(performance.now(), udpPath(from.address, from.port), datagram);
      this.schedule();
    });
  }

  schedule(): void {
    clearTimeout(this.timer);
    const next = this.engine.nextTimer();
    if (next === undefined) return;
    this.timer = setTimeout(
      () => {
        this.engine.tick(performance.now());
        this.schedule();
      },
      Math.max(0, next - performance.now()),
    );
  }

  send(packet: Uint8Array): void {
    this.engine.send(performance.now(), packet);
    this.schedule();
  }

  /** A packet has come in. */
  changed(): Promise<void> {
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  close(): void {
    clearTimeout(this.timer);
    this.socket.close();
  }

  private deliver(packet: Uint8Array): void {
    if (packet[20] === 8) this.send(echoReply(packet));
    else this.replies.push(Uint8Array.from(packet));
    for (const wake of this.waiting.splice(0)) wake();
  }
}

/** Request to reply: addresses swapped, type 8 to 0, and the checksum follows (RFC 792, RFC 1624). */
function echoReply(request: Uint8Array): Uint8Array {
  const reply = Uint8Array.from(request);
  reply.set(request.subarray(16, 20), 12);
  reply.set(request.subarray(12, 16), 16);
  reply[20] = 0;
  const view = new DataView(reply.buffer);
  const sum = view.getUint16(22) + 0x0800;
  view.setUint16(22, (sum & 0xffff) + (sum >> 16));
  return reply;
}

/** An ICMP echo request from 10.77.0.1 to 10.77.0.2 with right checksums. */
export function echoRequest(): Uint8Array {
  const packet = Uint8Array.of(
    ...[0x45, 0, 0, 28, 0, 0, 0, 0, 64, 1, 0, 0, 10, 77, 0, 1, 10, 77, 0, 2],
    ...[8, 0, 0, 0, 0x12, 0x34, 0, 1],
  );
  const view = new DataView(packet.buffer);
  for (const [start, end, at] of [
    [0, 20, 10],
    [20, 28, 22],
  ] as const) {
    let sum = 0;
    for (let i = start; i < end; i += 2) sum += view.getUint16(i);
    view.setUint16(at, ~((sum & 0xffff) + (sum >> 16)) & 0xffff);
  }
  return packet;
}
