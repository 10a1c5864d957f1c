import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { COOKIE_REPLY, INITIATION, messageKind, RESPONSE } from '../messages.js';

/** What went by: `>` from the one that begins, `<` to it; `initiation+` and `response+` carry a cookie (mac2). */
export type Passed = `${'>' | '<'} ${string}`;

/** A middleman on loopback that notes which messages of a handshake go by. */
export class HandshakeRelay {
  readonly passed: Passed[] = [];

  private constructor(
    readonly front: Socket,
    readonly back: Socket,
    to: number,
  ) {
    let from = 0;
    front.on('message', (datagram, { port }) => {
      from = port;
      this.#note('>', datagram);
      back.send(datagram, to, '127.0.0.1');
    });
    back.on('message', (datagram) => {
      this.#note('<', datagram);
      front.send(datagram, from, '127.0.0.1');
    });
  }

  /** @param to the port that what comes is sent on to */
  static async open(to: number): Promise<HandshakeRelay> {
    const [front, back] = [createSocket('udp4'), createSocket('udp4')];
    for (const socket of [front, back]) {
      socket.bind(0, '127.0.0.1');
      await once(socket, 'listening');
    }
    return new HandshakeRelay(front, back, to);
  }

  /** Where the one that begins sends to. */
  get port(): number {
    return this.front.address().port;
  }

  count(passed: Passed): number {
    return this.passed.filter((one) => one === passed).length;
  }

  close(): void {
    for (const socket of [this.front, this.back]) socket.close();
  }

  #note(direction: '>' | '<', datagram: Uint8Array): void {
    const kind = messageKind(datagram);
    const fields = kind === 'initiation' ? INITIATION : kind === 'response' ? RESPONSE : undefined;
    const withCookie = fields && datagram.subarray(fields.mac2).some((byte) => byte !== 0);
    if (fields || datagram.length === COOKIE_REPLY.length)
      this.passed.push(`${direction} ${kind}${withCookie ? '+' : ''}`);
  }
}
