import { PrefixTrie, parsePrefix } from '#net';
import type { Attachment, SendPacket } from './attachment.js';
import { type ErrorReason, encodeError } from './icmp.js';
import type { IpPacket } from './ip-packet.js';
import type { UserspaceHost } from './userspace-host.js';

/** Carries packets between the mesh, this node's own host and what is attached behind it. */
export class UserspaceRouter {
  readonly #attachments = new PrefixTrie<Attachment>();

  /** @param toMesh takes the packets that are for none of the addresses here */
  constructor(
    readonly host: UserspaceHost,
    readonly toMesh: SendPacket,
    readonly now: () => number,
  ) {
    host.connect((packet) => this.#route(packet));
  }

  /** Hands what is for this prefix, or this address, to the attachment. @throws NetfoldError `net.bad_prefix` */
  attach(prefix: string, attachment: Attachment): void {
    this.#attachments.set(parsePrefix(prefix), attachment);
    attachment.connect((packet) => this.#forward(packet));
  }

  /** What is for this prefix has no receiver from now on. */
  detach(prefix: string): void {
    this.#attachments.delete(parsePrefix(prefix));
  }

  /** Takes a whole packet from the mesh. */
  receive(packet: IpPacket): void {
    if (this.host.hasAddress(packet.destination)) this.host.receive(this.now(), packet);
    else if (this.#attachments.match(packet.destination)) this.#forward(packet);
    else this.#refuse(packet, 'no-route');
  }

  #forward(packet: IpPacket): void {
    if (packet.hopLimit <= 1) this.#refuse(packet, 'time-exceeded');
    else this.#route({ ...packet, hopLimit: packet.hopLimit - 1 });
  }

  #route(packet: IpPacket): void {
    if (this.host.hasAddress(packet.destination)) this.host.receive(this.now(), packet);
    else {
      const attachment = this.#attachments.match(packet.destination);
      if (attachment) attachment.receive(this.now(), packet);
      else this.toMesh(packet);
    }
  }

  #refuse(packet: IpPacket, reason: ErrorReason): void {
    const from = this.host.addressTowards(packet.source);
    const error = from && encodeError(packet, from, reason);
    if (error) this.#route(error);
  }
}
