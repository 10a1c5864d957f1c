import { randomBytes } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { type KeyPair, newDhKeyPair } from '#crypto';
import { NativeCrypto } from '#crypto/native';
import { Engine } from '../engine.js';
import type { Path } from '../path.js';
import { echoReplyTo, isEchoRequest } from './echo.js';

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

  /** On a port that the system picks. @param address of loopback */
  static async open(address = '127.0.0.1'): Promise<UdpEndpoint> {
    const socket = createSocket('udp4');
    socket.bind(0, address);
    await once(socket, 'listening');
    return new UdpEndpoint(socket);
  }

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

  get port(): number {
    return this.socket.address().port;
  }

  /** Where others reach it. */
  get path(): UdpPath {
    const { address, port } = this.socket.address();
    return udpPath(address, port);
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
    if (isEchoRequest(packet)) this.send(echoReplyTo(packet));
    else this.replies.push(Uint8Array.from(packet));
    for (const wake of this.waiting.splice(0)) wake();
  }
}
