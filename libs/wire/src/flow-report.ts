import type { MessageInitShape } from '@bufbuild/protobuf';
import { formatAddress, tryParseAddress } from '#net';
import {
  FlowInitiator,
  type FlowRecord as FlowRecordMessage,
  type FlowReport as FlowReportMessage,
  type FlowReportSchema,
} from './gen/netfold/v1/agent_pb.js';
import { malformed, safeNumber } from './malformed.js';

/** A report holds no more. */
export const MAX_FLOWS = 1000;

/** What a node's connection tracking saw since its last report. */
export interface FlowReport {
  /** At most `MAX_FLOWS`. */
  readonly flows: readonly FlowRecord[];
  /** How many more there were. */
  readonly omitted: number;
}

/** Packets of one conversation between a node and a peer. Who reports it is not in it: whose stream it comes on. */
export interface FlowRecord {
  /** The peer's node id, 1 to 64 characters. */
  readonly peer: string;
  /** The IP protocol number. */
  readonly protocol: number;
  readonly localAddress: string;
  /** 0: the protocol has no ports. */
  readonly localPort: number;
  /** Of the same family as `localAddress`. */
  readonly remoteAddress: string;
  readonly remotePort: number;
  /** Who sent the first packet. */
  readonly initiator: 'self' | 'peer';
  /** Milliseconds since the Unix epoch, by the node's clock: where that was set back, it can be after `lastSeen`. */
  readonly firstSeen: number;
  readonly lastSeen: number;
}

const PEER = /^[A-Za-z0-9_-]{1,64}$/;
const INITIATORS = { [FlowInitiator.SELF]: 'self', [FlowInitiator.PEER]: 'peer' } as const;

export const flowReportMessage = ({ flows, omitted }: FlowReport): MessageInitShape<typeof FlowReportSchema> => ({
  omitted,
  flows: flows.map(({ initiator, firstSeen, lastSeen, ...flow }) => ({
    ...flow,
    initiator: initiator === 'self' ? FlowInitiator.SELF : FlowInitiator.PEER,
    firstSeen: BigInt(Math.trunc(firstSeen)),
    lastSeen: BigInt(Math.trunc(lastSeen)),
  })),
});

/** With addresses in their canonical form. @throws NetfoldError `wire.malformed` for what no connection tracking says */
export function flowReportFrom({ flows, omitted }: FlowReportMessage): FlowReport {
  if (flows.length <= MAX_FLOWS) return { flows: flows.map(flowFrom), omitted };
  throw malformed('a FlowReport', `it has ${flows.length} flows, and at most ${MAX_FLOWS} are allowed`);
}

function flowFrom(message: FlowRecordMessage): FlowRecord {
  const { peer, protocol, localPort, remotePort, initiator, firstSeen, lastSeen } = message;
  if (!PEER.test(peer)) throw malformed('flow.peer', 'it is no node id');
  if (initiator === FlowInitiator.UNSPECIFIED || !(initiator in INITIATORS)) {
    throw malformed('flow.initiator', 'it is neither the node nor its peer');
  }
  return {
    ...{ peer, protocol: upTo(255, 'flow.protocol', protocol) },
    ...addresses(message),
    localPort: upTo(65_535, 'flow.local_port', localPort),
    remotePort: upTo(65_535, 'flow.remote_port', remotePort),
    initiator: INITIATORS[initiator],
    firstSeen: safeNumber('flow.first_seen', firstSeen),
    lastSeen: safeNumber('flow.last_seen', lastSeen),
  };
}

function addresses(message: FlowRecordMessage): Pick<FlowRecord, 'localAddress' | 'remoteAddress'> {
  const [local, remote] = [tryParseAddress(message.localAddress), tryParseAddress(message.remoteAddress)];
  if (!local || local.length !== remote?.length)
    throw malformed('flow', 'it is not between two addresses of one family');
  return { localAddress: formatAddress(local), remoteAddress: formatAddress(remote) };
}

function upTo(most: number, field: string, value: number): number {
  if (value <= most) return value;
  throw malformed(field, `${value} is out of range`);
}
