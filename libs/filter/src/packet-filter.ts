import type { FilterConfiguration, FilterPeer, FilterRule, FilterSelf } from './filter-rule.js';
import { FlowTable } from './flow/flow-table.js';
import { FlowTracker } from './flow/flow-tracker.js';
import { FragmentTable } from './flow/fragment-table.js';
import { type TakenFlows, trackedFlow } from './flow/tracked-flow.js';
import { decode } from './packet/decode.js';
import { FlowKey } from './packet/flow-key.js';
import { PacketHeaders } from './packet/headers.js';
import { isUnicastSource } from './packet/packet-kind.js';
import { AccessControl } from './rules/access-control.js';
import { type PeerEntry, Sender } from './rules/peer-entry.js';
import { type Reason, VERDICT, type Verdict } from './verdict.js';

export interface PacketFilterOptions {
  /** 32 random bits that peers cannot know: keeps them from slowing the flow table down. */
  readonly seed: number;
  /** The most flows that peers begin, and likewise that this node begins; 32,768 by default. */
  readonly flows?: number;
  /** The most fragmented packets that are let in at a time; 1,024 by default. */
  readonly fragments?: number;
}

/**
 * What a node lets in: packets that a rule permits, and answers to its own. Everything else is dropped. A packet costs
 * the same however many rules there are. Withdrawn access ends the flows that it began with the very next packet.
 *
 * Times are milliseconds of any clock that does not run backwards.
 */
export class PacketFilter {
  readonly #access = new AccessControl();
  readonly #tracker: FlowTracker;
  readonly #fragments: FragmentTable;
  readonly #headers = new PacketHeaders();
  readonly #counters: Record<Reason, number> = {
    rule: 0,
    reply: 0,
    fragment: 0,
    denied: 0,
    revoked: 0,
    'unknown-peer': 0,
    spoofed: 0,
    malformed: 0,
    forbidden: 0,
    'stray-fragment': 0,
  };

  constructor({ seed, flows = 32_768, fragments = 1_024 }: PacketFilterOptions) {
    this.#tracker = new FlowTracker(this.#access, new FlowTable(flows, seed));
    this.#fragments = new FragmentTable(fragments);
  }

  /** How many inbound packets had each verdict. */
  get counters(): Readonly<Record<Reason, number>> {
    return this.#counters;
  }

  /** How many flows are remembered, expired ones that nobody has asked for since among them. */
  get flows(): number {
    return this.#tracker.table.size;
  }

  /**
   * Replaces everything, at the cost of what differs. Flows live on where they are still permitted.
   * @throws NetfoldError as `setRules`, `setSelf` and `setPeer` do; what was replaced until then stays replaced,
   * and it is always the narrowing that comes first
   */
  configure({ self, rules, peers }: FilterConfiguration): void {
    const wanted = new Set(peers.map(({ id }) => id));
    for (const id of this.#access.peers.ids()) if (!wanted.has(id)) this.removePeer(id);
    this.setRules(rules);
    this.setSelf(self);
    for (const peer of peers) this.setPeer(peer);
  }

  /** @throws NetfoldError `net.bad_address` */
  setSelf(self: FilterSelf): void {
    this.#access.setSelf(self);
    this.#tracker.generation++;
  }

  /**
   * Replaces the rules; those that stay the same cost a comparison.
   * @throws NetfoldError `filter.duplicate_rule`, `filter.bad_ports`, `filter.bad_protocol`, `net.bad_prefix`;
   * the old rules stay in force then
   */
  setRules(rules: readonly FilterRule[]): void {
    if (this.#access.setRules(rules)) this.#tracker.generation++;
  }

  /**
   * Adds a peer or changes it.
   * @throws NetfoldError `net.bad_address`
   */
  setPeer(peer: FilterPeer): void {
    if (this.#access.peers.set(peer) === 'changed') this.#tracker.generation++;
  }

  /** Nothing of this peer is let in from now on, not even answers. */
  removePeer(id: string): void {
    if (this.#access.peers.remove(id)) this.#tracker.generation++;
  }

  /** What `inbound` and `outbound` take in place of the id of a peer, which need not be in force yet or any more. */
  sender(id: string): Sender {
    return new Sender(id);
  }

  /** Judges a packet that this peer sent, in `packet[offset, offset + length)`. */
  inbound(
    now: number,
    from: string | Sender,
    packet: Uint8Array,
    offset = 0,
    length = packet.length - offset,
  ): Verdict {
    const peer = this.#peer(from);
    const verdict = peer ? this.#judge(now, peer, packet, offset, length) : VERDICT.unknownPeer;
    this.#counters[verdict.reason]++;
    return verdict;
  }

  /** Notes a packet that this node sends to the peer. Sending is not restricted here: the receiver decides. */
  outbound(now: number, to: string | Sender, packet: Uint8Array, offset = 0, length = packet.length - offset): void {
    const peer = this.#peer(to);
    const headers = this.#headers;
    if (!peer || decode(headers, packet, offset, length) !== 'ok' || headers.fragment === 'later') return;
    this.#tracker.outbound(now, peer, headers);
  }

  /**
   * Takes the flows that had a packet since they were taken last, at the cost of those alone. Pings of peers have no
   * flow, as each is judged by the rules; packets and bytes are not counted, which every packet would pay for.
   * @param most flows in the answer
   */
  takeFlows(most: number): TakenFlows {
    const { flows, omitted } = this.#tracker.table.take(most);
    return { flows: flows.map(trackedFlow), omitted };
  }

  #peer(peer: string | Sender): PeerEntry | undefined {
    const { peers } = this.#access;
    return typeof peer === 'string' ? peers.get(peer) : peers.of(peer);
  }

  #judge(now: number, peer: PeerEntry, packet: Uint8Array, offset: number, length: number): Verdict {
    const headers = this.#headers;
    const decoded = decode(headers, packet, offset, length);
    if (decoded !== 'ok') return VERDICT[decoded];
    if (!isUnicastSource(headers.family, headers.source) || this.#access.isSelf(headers)) return VERDICT.spoofed;
    if (headers.fragment === 'later') {
      const first = this.#fragments.find(now, peer.id, headers);
      return first && this.#tracker.stillAllows(now, peer, first) ? VERDICT.fragment : VERDICT.strayFragment;
    }
    const verdict = this.#tracker.inbound(now, peer, headers, packet);
    if (headers.fragment === 'first' && verdict.allowed) {
      this.#fragments.accept(now, peer.id, headers, new FlowKey().ofInbound(headers), this.#tracker.generation);
    }
    return verdict;
  }
}
