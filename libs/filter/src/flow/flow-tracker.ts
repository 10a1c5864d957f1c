import { decode } from '../packet/decode.js';
import { FlowKey } from '../packet/flow-key.js';
import { PacketHeaders, sameWords } from '../packet/headers.js';
import { kindOf, type PacketKind } from '../packet/packet-kind.js';
import { ICMP, ICMPV6, TCP } from '../packet/protocol-numbers.js';
import type { AccessControl } from '../rules/access-control.js';
import type { PeerEntry } from '../rules/peer-entry.js';
import { VERDICT, type Verdict } from '../verdict.js';
import type { Flow, Initiator } from './flow.js';
import { notePacket, unanswered } from './flow-lifetime.js';
import type { FlowTable } from './flow-table.js';
import type { AcceptedPacket } from './fragment-table.js';

/** An ICMP error quotes the packet that it is about after its own 8 bytes (RFC 792, RFC 4443). */
const ICMP_ERROR_HEADER = 8;

/** Of no rules at all: makes the next packet of a flow ask them. */
const UNJUDGED = -1;

/**
 * Connection tracking: what the rules say of a flow holds until the rules change, and what this node begins may
 * be answered. It takes whole packets and first fragments, decoded.
 */
export class FlowTracker {
  /** Grows whenever the rules may say something else than before. */
  generation = 0;
  readonly #key = new FlowKey();
  readonly #quoted = new PacketHeaders();

  constructor(
    readonly access: AccessControl,
    readonly table: FlowTable,
  ) {}

  inbound(now: number, peer: PeerEntry, headers: PacketHeaders, packet: Uint8Array): Verdict {
    const kind = kindOf(headers);
    if (kind === 'forbidden') return VERDICT.forbidden;
    if (kind === 'error') return this.#error(now, peer, headers, packet);
    const key = this.#key.ofInbound(headers);
    const isIcmp = headers.protocol === ICMP || headers.protocol === ICMPV6;
    if (isIcmp && kind === 'open') return this.access.permits(peer, key) ?? VERDICT.denied;
    const flow = this.table.find(now, key);
    if (flow?.initiator === 'self' && isAnswer(flow, peer, kind)) {
      this.#note(now, flow, 'peer', headers);
      return VERDICT.reply;
    }
    return isIcmp ? VERDICT.denied : this.#byRules(now, peer, headers, kind, flow);
  }

  /** Whether the rest of a packet may follow its first fragment: that is asked again where the rules may say something else. */
  stillAllows(now: number, peer: PeerEntry, packet: Pick<AcceptedPacket, 'key' | 'generation'>): boolean {
    if (packet.generation === this.generation) return true;
    const flow = this.table.find(now, packet.key);
    const isAnswered = flow?.initiator === 'self' && flow.peer === peer;
    if (!isAnswered && !this.access.permits(peer, packet.key)) return false;
    packet.generation = this.generation;
    return true;
  }

  /** Records what this node sends, so that the answers are let in. */
  outbound(now: number, peer: PeerEntry, headers: PacketHeaders): void {
    const kind = kindOf(headers);
    if (kind !== 'open' && kind !== 'continue') return;
    const key = this.#key.ofOutbound(headers);
    const flow = this.table.find(now, key);
    const begins = kind === 'open' && headers.protocol === TCP;
    if (flow && !(begins && flow.initiator === 'peer')) {
      if (flow.peer !== peer) {
        flow.peer = peer;
        flow.generation = UNJUDGED;
      }
      this.#note(now, flow, 'self', headers);
      return;
    }
    // In the middle of a connection nobody can say who began it, and to take it for this node's own would let a
    // peer whose access was withdrawn back in, by the answers that it is still sent.
    if (kind === 'continue') return;
    if (flow) this.table.remove(flow);
    this.#note(now, this.table.insert(now, key, 'self', peer, VERDICT.reply, UNJUDGED), 'self', headers);
  }

  #byRules(now: number, peer: PeerEntry, headers: PacketHeaders, kind: PacketKind, flow: Flow | undefined): Verdict {
    if (flow?.initiator === 'peer' && flow.peer === peer && flow.generation === this.generation) {
      if (!flow.revoked) this.#note(now, flow, 'peer', headers);
      return flow.verdict;
    }
    const verdict = this.access.permits(peer, this.#key);
    // A flow of this node's own stays its own, unless the peer begins a connection in its place.
    if (flow?.initiator === 'self' && !(verdict && kind === 'open' && headers.protocol === TCP)) {
      return verdict ?? VERDICT.denied;
    }
    if (!verdict) return flow?.peer === peer ? this.#judge(flow, VERDICT.revoked) : VERDICT.denied;
    if (flow?.initiator === 'peer' && flow.peer === peer) {
      this.#note(now, flow, 'peer', headers);
      return this.#judge(flow, verdict);
    }
    if (flow) this.table.remove(flow);
    const judged = this.table.insert(now, this.#key, 'peer', peer, verdict, this.generation);
    this.#note(now, judged, 'peer', headers);
    return verdict;
  }

  /** An error is let in when the packet that it quotes is one that this node sent in a flow that is permitted. */
  #error(now: number, peer: PeerEntry, headers: PacketHeaders, packet: Uint8Array): Verdict {
    const quoted = this.#quoted;
    const at = headers.transport + ICMP_ERROR_HEADER;
    if (decode(quoted, packet, at, headers.end - at, 'quoted') !== 'ok') return VERDICT.malformed;
    const kind = kindOf(quoted);
    if (quoted.fragment === 'later' || (kind !== 'open' && kind !== 'continue')) return VERDICT.denied;
    if (quoted.family !== headers.family || !sameWords(quoted.source, headers.destination)) return VERDICT.denied;
    const flow = this.table.find(now, this.#key.ofOutbound(quoted));
    if (!flow || flow.peer !== peer) return VERDICT.denied;
    if (flow.initiator === 'peer' && flow.generation !== this.generation) {
      this.#judge(flow, this.access.permits(peer, this.#key) ?? VERDICT.revoked);
    }
    return flow.revoked ? VERDICT.revoked : VERDICT.reply;
  }

  #judge(flow: Flow, verdict: Verdict): Verdict {
    flow.verdict = verdict;
    flow.generation = this.generation;
    return verdict;
  }

  #note(now: number, flow: Flow, sender: Initiator, { tcpFlags }: PacketHeaders): void {
    notePacket(flow, now, sender, tcpFlags);
    this.table.touch(flow);
  }
}

/** A connection that the peer begins is no answer, save when both begin it at once (RFC 9293, 3.5). */
const isAnswer = (flow: Flow, peer: PeerEntry, kind: PacketKind): boolean =>
  flow.peer === peer && (kind !== 'open' || flow.key.protocol !== TCP || unanswered(flow));
