import { NativeCrypto } from '#crypto/native';
import { systemRandom } from '#host';
import { fromBase64 } from '#kernel';
import { parsePrefix } from '#net';
import { Engine, type Path } from '#wireguard';
import type { Member } from './crowd.js';

const crypto = new NativeCrypto();
const THERE: Path = { key: 'there' };

/** An engine of one member of a crowd, whose only peer is the one that is measured. */
export class VirtualClient {
  readonly engine: Engine;
  /** On the clock of the engine, which goes as it is told to. */
  now = 0;

  /** @param transmit takes each datagram; its bytes are good until the call returns */
  constructor(member: Member, publicKey: string, transmit: (datagram: Uint8Array) => void) {
    const start = Date.now();
    this.engine = new Engine({
      crypto,
      random: systemRandom,
      wallClock: { now: () => start + this.now },
      effects: {
        transmit: (_path, datagram) => transmit(datagram),
        deliver: () => {},
        notWireguard: () => {},
        event: () => {},
      },
    });
    this.engine.setPrivateKey(keyOf(member.privateKey));
    this.engine.addPeer(0, { publicKey: keyOf(publicKey), allowedIps: [parsePrefix('0.0.0.0/0')], path: THERE });
  }

  receive(datagram: Uint8Array): void {
    this.engine.receive(this.now, THERE, datagram);
  }

  send(packet: Uint8Array): void {
    this.engine.send(this.now, packet);
  }
}

export const keyOf = (base64: string): Uint8Array => fromBase64(base64) ?? new Uint8Array();
