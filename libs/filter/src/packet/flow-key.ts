import { type AddressWords, type PacketHeaders, sameWords } from './headers.js';
import { ICMP, ICMP_TYPE, ICMPV6, ICMPV6_TYPE } from './protocol-numbers.js';

/** What names a flow, seen from this node. One instance is written anew for each packet that is looked up. */
export class FlowKey {
  family: 4 | 6 = 4;
  protocol = 0;
  readonly remote: AddressWords = new Int32Array(4);
  readonly local: AddressWords = new Int32Array(4);
  /** 0 where the protocol has none. */
  remotePort = 0;
  /** For ICMP echo that this node began its identifier; 0 where the protocol has none. */
  localPort = 0;

  /** Names the flow of a packet from the peer. */
  ofInbound(headers: PacketHeaders): this {
    this.#set(headers, headers.source, headers.destination);
    this.remotePort = headers.sourcePort;
    // Only a reply's identifier is of a request of this node; that of a peer's request is another flow's, or none.
    this.localPort = isEchoReply(headers) ? headers.icmpId : headers.destinationPort;
    return this;
  }

  /** Names the flow of a packet from this node. */
  ofOutbound(headers: PacketHeaders): this {
    this.#set(headers, headers.destination, headers.source);
    this.remotePort = headers.destinationPort;
    this.localPort = headers.sourcePort || headers.icmpId;
    return this;
  }

  equals(other: FlowKey): boolean {
    return (
      this.remotePort === other.remotePort &&
      this.localPort === other.localPort &&
      this.protocol === other.protocol &&
      this.family === other.family &&
      sameWords(this.remote, other.remote) &&
      sameWords(this.local, other.local)
    );
  }

  clone(): FlowKey {
    const copy = new FlowKey();
    copy.#set(this, this.remote, this.local);
    copy.remotePort = this.remotePort;
    copy.localPort = this.localPort;
    return copy;
  }

  /** @param seed a number that peers cannot know, against flows chosen to share a hash */
  hash(seed: number): number {
    const words = this.family === 4 ? 1 : 4;
    let hash = seed ^ this.protocol;
    for (let i = 0; i < words; i++) hash = mix(mix(hash, this.remote[i] as number), this.local[i] as number);
    return mix(hash, (this.remotePort << 16) | this.localPort) >>> 0;
  }

  #set({ family, protocol }: { family: 4 | 6; protocol: number }, remote: AddressWords, local: AddressWords): void {
    this.family = family;
    this.protocol = protocol;
    this.remote.set(remote);
    this.local.set(local);
  }
}

const isEchoReply = ({ protocol, icmpType }: PacketHeaders): boolean =>
  (protocol === ICMP && icmpType === ICMP_TYPE.echoReply) ||
  (protocol === ICMPV6 && icmpType === ICMPV6_TYPE.echoReply);

// A step in the manner of MurmurHash3 with its final shifts: every input bit reaches the low bits.
function mix(hash: number, word: number): number {
  let mixed = Math.imul(hash ^ Math.imul(word, 0xcc9e2d51), 0x1b873593);
  mixed ^= mixed >>> 15;
  mixed = Math.imul(mixed, 0x85ebca6b);
  return mixed ^ (mixed >>> 13);
}
