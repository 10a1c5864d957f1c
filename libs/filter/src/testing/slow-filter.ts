import { parseAddress, parsePrefix, prefixContainsAddress } from '#net';
import type { FilterConfiguration, FilterPeer, FilterRule, FilterSelf, Selector } from '../filter-rule.js';

/** A packet of TCP, UDP, ICMP echo or another protocol, as a person would write it down. */
export interface PlainPacket {
  readonly source: string;
  readonly destination: string;
  readonly protocol: number;
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** Whether it begins something: a TCP connection, or an exchange of ICMP echo (it is the reply otherwise). */
  readonly begins: boolean;
}

interface PlainFlow {
  readonly peer: string;
  readonly local: string;
  readonly remote: string;
  /** `self` for this node's own; otherwise whether the rules permit it is asked again for every packet. */
  readonly initiator: 'self' | 'peer';
  /** Whether the peer has sent anything since this node last began a connection. */
  readonly answered: boolean;
}

/**
 * The packet filter without any cleverness: it reads the rules one after the other for every packet, and keeps its
 * flows in a list. It knows neither time nor bounds. What the fast one does is held against it.
 */
export class SlowFilter {
  rules: readonly FilterRule[] = [];
  self: FilterSelf = { addresses: [] };
  readonly peers = new Map<string, FilterPeer>();
  flows: PlainFlow[] = [];

  configure({ self, rules, peers }: FilterConfiguration): void {
    this.self = self;
    this.rules = rules;
    this.peers.clear();
    for (const peer of peers) this.peers.set(peer.id, peer);
  }

  removePeer(id: string): void {
    this.peers.delete(id);
    this.flows = this.flows.map((flow) => (flow.peer === id ? { ...flow, peer: '' } : flow));
  }

  /** Whether the packet is let in. */
  inbound(peerId: string, packet: PlainPacket): boolean {
    const peer = this.peers.get(peerId);
    if (!peer || this.self.addresses.includes(packet.source)) return false;
    const [local, remote] = [endOf(packet, 'destination'), endOf(packet, 'source')];
    const flow = this.flows.find((flow) => flow.local === local && flow.remote === remote);
    if (isIcmp(packet)) {
      return packet.begins ? this.permits(peer, packet) : flow?.initiator === 'self' && flow.peer === peerId;
    }
    const begins = packet.protocol === 6 && packet.begins;
    if (flow?.initiator === 'self' && flow.peer === peerId && (!begins || !flow.answered)) {
      this.#remember({ ...flow, answered: true });
      return true;
    }
    const permitted = this.permits(peer, packet);
    if (permitted && (!flow || flow.initiator === 'peer' || begins)) {
      this.#remember({ peer: peerId, local, remote, initiator: 'peer', answered: true });
    }
    return permitted;
  }

  outbound(peerId: string, packet: PlainPacket): void {
    if (!this.peers.has(peerId)) return;
    const [local, remote] = [endOf(packet, 'source'), endOf(packet, 'destination')];
    const flow = this.flows.find((flow) => flow.local === local && flow.remote === remote);
    if (isIcmp(packet) && !packet.begins) return;
    const begins = packet.protocol === 6 ? packet.begins : !flow;
    if (begins) this.#remember({ peer: peerId, local, remote, initiator: 'self', answered: false });
    else if (flow) this.#remember({ ...flow, peer: peerId });
  }

  permits(peer: FilterPeer, packet: PlainPacket): boolean {
    return this.rules.some(
      (rule) =>
        rule.src.some((from) => this.#selects(from, peer, packet.source)) &&
        (!rule.sameUser || this.#selects({ kind: 'same-user' }, peer, packet.source)) &&
        (rule.dst.kind === 'self'
          ? this.self.addresses.includes(packet.destination)
          : isIn(rule.dst.prefix, packet.destination)) &&
        (rule.protocols.length > 0 ? rule.protocols : [6, 17, 1, 58]).includes(packet.protocol) &&
        portsMatch(rule, packet),
    );
  }

  #selects(from: Selector, peer: FilterPeer, source: string): boolean {
    const own = peer.addresses.includes(source);
    switch (from.kind) {
      case 'any':
        return true;
      case 'label':
        return own && peer.labels.includes(from.label);
      case 'same-user':
        return own && peer.user !== undefined && peer.user === this.self.user;
      case 'prefix':
        return isIn(from.prefix, source);
    }
  }

  #remember(flow: PlainFlow): void {
    this.flows = this.flows.filter(({ local, remote }) => flow.local !== local || flow.remote !== remote);
    this.flows.push(flow);
  }
}

const isIcmp = ({ protocol }: { readonly protocol: number }): boolean => protocol === 1 || protocol === 58;

const isIn = (prefix: string, address: string): boolean =>
  prefixContainsAddress(parsePrefix(prefix), parseAddress(address));

function portsMatch({ ports }: FilterRule, { protocol, destinationPort }: PlainPacket): boolean {
  if (isIcmp({ protocol })) return ports.length > 0;
  const covers = (port: number) => ports.some(({ first, last }) => first <= port && port <= last);
  if (protocol === 6 || protocol === 17 || protocol === 132) return covers(destinationPort);
  // Every port, where it is enough to ask for those that may begin a gap.
  return [1, ...ports.map(({ last }) => last + 1)].every((port) => port > 65535 || covers(port));
}

const endOf = (packet: PlainPacket, end: 'source' | 'destination'): string =>
  `${packet.protocol} ${packet[end]} ${packet[`${end}Port`]}`;
