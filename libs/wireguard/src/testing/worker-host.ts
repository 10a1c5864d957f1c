import { setImmediate as turn } from 'node:timers/promises';
import { WorkerNode } from '#dataplane/testing';
import { parsePrefix } from '#net';
import { echoReplyTo, echoRequest, isEchoReply, isEchoRequest } from './echo.js';
import type { UdpPath } from './udp-endpoint.js';

/** Milliseconds; the machine may be busy. */
const PATIENCE = 250_000;

/** The data path as its thread runs it, with a clock that the test moves on, and a host that answers echo requests. */
export class WorkerHost {
  readonly node: WorkerNode;
  /** Where the replies came from that the host has got. */
  readonly replies: string[] = [];
  /** Requests that the host has answered. */
  requests = 0;

  constructor(readonly address: string) {
    this.node = new WorkerNode('here', address);
    this.node.allowAll();
  }

  get sessions(): number {
    return this.node.notices.filter((notice) => notice.kind === 'event' && notice.event.type === 'handshake_completed')
      .length;
  }

  get drops(): Readonly<Record<string, number>> {
    return this.node.calls.status().drops;
  }

  /** @param path none for a peer that begins */
  knows(publicKey: Uint8Array, address: string, path?: UdpPath): void {
    const endpoint = path && { ...path, source: path.host, endpoint: { address: path.host, port: path.port } };
    this.node.calls.addPeer({
      publicKey,
      label: address,
      allowedIps: [parsePrefix(`${address}/32`)],
      ...(endpoint && { path: endpoint }),
    });
    this.node.calls.setFilterPeer({ id: address, addresses: [address], labels: [] });
  }

  forgets(publicKey: Uint8Array): void {
    this.node.calls.removePeer(publicKey);
  }

  /** The host asks, and the request is on its way when this returns. */
  ping(address: string): void {
    this.node.hostSends(echoRequest(this.address, address));
    this.work();
  }

  /** Works until then. @throws Error when it takes longer than any of this should */
  async until(condition: () => boolean): Promise<void> {
    const deadline = performance.now() + PATIENCE;
    while (!condition()) {
      if (performance.now() > deadline)
        throw new Error(`waited ${PATIENCE} ms; dropped: ${JSON.stringify(this.drops)}`);
      this.work();
      await turn();
    }
  }

  /** One turn of the loop, and what the host makes of it. */
  work(): void {
    this.node.turn();
    for (const { packet } of this.node.hostReceives()) {
      if (isEchoReply(packet)) this.replies.push(packet.slice(12, 16).join('.'));
      if (!isEchoRequest(packet)) continue;
      this.requests++;
      this.node.hostSends(echoReplyTo(packet));
    }
  }
}
