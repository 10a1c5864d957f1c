import { formatAddress } from '#net';
import type { AddressWords } from '../packet/headers.js';
import type { Flow, Initiator } from './flow.js';

/** A flow that was let in, or that this node began, as others may be told of it. */
export interface TrackedFlow {
  /** The id of the peer that its packets come from and go to. */
  readonly peer: string;
  /** The IANA number. */
  readonly protocol: number;
  readonly localAddress: string;
  /** 0 where the protocol has none; of ICMP echo the identifier. */
  readonly localPort: number;
  readonly remoteAddress: string;
  /** 0 where the protocol has none. */
  readonly remotePort: number;
  /** Who sent the first packet: this node, or the peer. */
  readonly initiator: Initiator;
  /** When it had its first packet and its last, in milliseconds of the clock that packets were judged by. */
  readonly firstSeen: number;
  readonly lastSeen: number;
}

/** The newest flows first. */
export interface TakenFlows {
  readonly flows: readonly TrackedFlow[];
  /** How many more flows had a packet, of which nothing else is known. */
  readonly omitted: number;
}

export const trackedFlow = ({ key, peer, initiator, firstSeen, lastSeen }: Flow): TrackedFlow => ({
  peer: peer.id,
  protocol: key.protocol,
  localAddress: addressOf(key.family, key.local),
  localPort: key.localPort,
  remoteAddress: addressOf(key.family, key.remote),
  remotePort: key.remotePort,
  initiator,
  firstSeen,
  lastSeen,
});

function addressOf(family: 4 | 6, words: AddressWords): string {
  const bytes = new Uint8Array(family === 4 ? 4 : 16);
  const view = new DataView(bytes.buffer);
  for (let at = 0; at < bytes.length; at += 4) view.setInt32(at, words[at / 4] as number);
  return formatAddress(bytes);
}
