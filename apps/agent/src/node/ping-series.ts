import { setTimeout as sleep } from 'node:timers/promises';
import { NetfoldError } from '#kernel';
import { formatAddress, tryParseAddress } from '#net';
import type { PingReply } from '../local-api/messages.js';
import { noSuchNode } from './no-such-node.js';
import type { Node } from './node.js';

export interface PingSeries {
  readonly target: string;
  /** 0: until `gone`. */
  readonly count: number;
  /** Milliseconds between two requests, whether or not they are answered. */
  readonly interval: number;
  /** Milliseconds. */
  readonly timeout: number;
}

/** Sends echo requests at a steady pace and gives the outcomes in the order in which they were sent. */
export async function* pingSeries(node: Node, series: PingSeries, gone: AbortSignal): AsyncGenerator<PingReply> {
  const address = addressOf(node, series.target);
  const underWay: Promise<PingReply>[] = [];
  for (let sequence = 0; (series.count === 0 || sequence < series.count) && !gone.aborted; sequence++) {
    const due = sleep(sequence === 0 ? 0 : series.interval, undefined, { signal: gone }).catch(() => {});
    // Whoever is answered while it is not yet time for the next request is told about at once.
    yield* settledBefore(due, underWay);
    if (!gone.aborted) underWay.push(pingOnce(node, address, sequence, series.timeout));
  }
  for (const outcome of underWay) if (!gone.aborted) yield await outcome;
}

/** Takes outcomes off the front of the list until `due`. */
async function* settledBefore(due: Promise<void>, underWay: Promise<PingReply>[]): AsyncGenerator<PingReply> {
  const over = due.then(() => undefined);
  for (let first = underWay[0]; first; first = underWay[0]) {
    const outcome = await Promise.race([first, over]);
    if (!outcome) return;
    underWay.shift();
    yield outcome;
  }
  await due;
}

async function pingOnce(node: Node, target: string, sequence: number, timeout: number): Promise<PingReply> {
  const sentAt = node.setup.ports.wallClock.now();
  const { via, rtt } = await node.ping(target, timeout);
  const request = { sequence, target, sentAt };
  if (via === undefined) {
    if (sequence === 0) throw noRoute(target);
    return request; // a way that was there is gone: that is an outcome too
  }
  const { name, path } = node.describe(via);
  const way = path && (path.relay === undefined ? { endpoint: path.key } : { relay: path.relay });
  return { ...request, via: name, ...(rtt !== undefined && { rtt }), ...way };
}

function addressOf(node: Node, target: string): string {
  const address = tryParseAddress(target);
  if (address) return formatAddress(address);
  const peer = node.findPeer(target);
  if (peer) return peer.ipv4;
  throw noSuchNode(target);
}

const noRoute = (address: string): NetfoldError =>
  new NetfoldError({
    code: 'agent.no_route',
    message: `no node that this one may see has or routes ${address}`,
    hint: 'for a subnet behind a node: an admin approves its route, and this node needs --accept-routes',
  });
