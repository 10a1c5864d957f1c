import { echo, tcp, udp } from '#filter/testing';
import { formatAddress } from '#net';
import type { Opening } from './slow-policy.js';

/** Packets that belong together: those that a node sends to one address, and the answers to them. */
export interface Flow extends Opening {
  /** Its source port, or what ICMP has for one; no other flow has it. */
  readonly id: number;
  /** Who sends, whatever the source address says. */
  readonly from: string;
  /** Whether its source address is the sender's own, or behind it. */
  readonly honest: boolean;
  /** The peer that it is sent to though the sender has no route there, as only an altered agent would. */
  readonly forcedOn?: string | undefined;
  sent: number;
  arrived: number;
  answered: number;
}

/** What a packet is of a flow. */
export interface Seen {
  readonly flow: Flow;
  readonly kind: 'request' | 'answer';
}

// Above all ports that are tried.
const FIRST_ID = 20_000;
const SYN = 0x02;
const SYN_ACK = 0x12;
const ACK = 0x10;

/** All flows of a simulation. Every packet in it belongs to one. */
export class Flows {
  readonly all: Flow[] = [];

  open(opening: Opening & Pick<Flow, 'from' | 'honest' | 'forcedOn'>): Flow {
    const flow = { ...opening, id: FIRST_ID + this.all.length, sent: 0, arrived: 0, answered: 0 };
    this.all.push(flow);
    return flow;
  }

  /** The flow that a packet belongs to. */
  seen(packet: Uint8Array): Seen {
    const { protocol, ports, source, destination } = read(packet);
    for (const [i, kind] of (['request', 'answer'] as const).entries()) {
      const flow = this.all[(ports[i] ?? 0) - FIRST_ID];
      const [from, to] = kind === 'request' ? [source, destination] : [destination, source];
      if (flow?.protocol === protocol && flow.source === from && flow.destination === to) return { flow, kind };
    }
    throw new Error(`${source} → ${destination}, protocol ${protocol}, ports ${ports}: nobody sent this`);
  }
}

/** The next packet that the one who began the flow sends. */
export function nextRequest(flow: Flow): Uint8Array {
  const { source, destination, protocol, id, port } = flow;
  const begins = flow.sent++ === 0 || flow.answered === 0;
  if (protocol === 6) return tcp(source, destination, [id, port], begins ? SYN : ACK);
  if (protocol === 17) return udp(source, destination, [id, port]);
  return echo(source, destination, 'request', id);
}

/** What the other side says to a request. */
export function answerTo({ source, destination, protocol, id, port, arrived }: Flow): Uint8Array {
  if (protocol === 6) return tcp(destination, source, [port, id], arrived === 1 ? SYN_ACK : ACK);
  if (protocol === 17) return udp(destination, source, [port, id]);
  return echo(destination, source, 'reply', id);
}

function read(packet: Uint8Array) {
  const v4 = (packet[0] ?? 0) >> 4 === 4;
  const [at, width] = v4 ? [12, 4] : [8, 16];
  const protocol = packet[v4 ? 9 : 6] ?? 0;
  const view = new DataView(packet.buffer, packet.byteOffset + (v4 ? 20 : 40));
  const isEcho = protocol === 1 || protocol === 58;
  const isRequest = view.getUint8(0) === (v4 ? 8 : 128);
  const id = view.getUint16(isEcho ? 4 : 0);
  const ports = isEcho ? (isRequest ? [id, 0] : [0, id]) : [id, view.getUint16(2)];
  return {
    protocol,
    ports,
    source: formatAddress(packet.slice(at, at + width)),
    destination: formatAddress(packet.slice(at + width, at + 2 * width)),
  };
}
