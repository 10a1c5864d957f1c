import { newDhKeyPair } from '#crypto';
import { systemRandom, TUN_OFFLOAD } from '#host';
import { parseAddress } from '#net';
import { HostPipe, type PipeEnds } from '../io/host-pipe.js';
import { relayedPath } from '../udp-path.js';
import { SHARED } from '../worker/protocol.js';
import { createWorkerEngine, type WorkerEngine, type Workshop } from '../worker/worker-engine.js';

const OFFLOADS = TUN_OFFLOAD.checksum | TUN_OFFLOAD.tcp4 | TUN_OFFLOAD.tcp6;
const MTU = 1_420;
const FLOWS = 64;

/** A node with the engine of a worker and no sockets, whose peer is another object in the same memory. */
export class MemoryNode {
  readonly host: HostPipe;
  readonly #keys;
  readonly #worker: WorkerEngine;
  readonly #shared = new Int32Array(new SharedArrayBuffer(4 * SHARED.length));
  #peer: MemoryNode | undefined;

  constructor(
    workshop: Workshop,
    readonly address: string,
    readonly clock: { readonly now: number },
    pipe: PipeEnds,
  ) {
    this.#keys = newDhKeyPair(workshop.crypto, systemRandom);
    this.host = new HostPipe(workshop.arena, pipe);
    const setup = {
      tun: { fd: pipe.tun, mtu: MTU, offloads: OFFLOADS },
      sockets: { v4: -1, v6: -1, port: 0, joined: true },
      shared: this.#shared.buffer,
      splits: true,
      flows: FLOWS,
    };
    this.#worker = createWorkerEngine(setup, workshop, (notice) => {
      if (notice.kind === 'relayed') this.#peer?.receive(this, notice.datagram);
    });
    const { engine, filter } = this.#worker;
    engine.setPrivateKey(this.#keys.privateKey);
    filter.setSelf({ addresses: [address] });
    const ports = [{ first: 0, last: 65_535 }];
    filter.setRules([{ id: 'all', src: [{ kind: 'any' }], dst: { kind: 'self' }, protocols: [], ports }]);
  }

  knows(peer: MemoryNode): void {
    const { engine, filter, relays } = this.#worker;
    const allowedIps = [{ address: parseAddress(peer.address), bits: 32 }];
    const path = relays.at(relayedPath(peer.address));
    engine.addPeer(this.clock.now, { publicKey: peer.#keys.publicKey, label: peer.address, allowedIps, path });
    filter.setPeer({ id: peer.address, addresses: [peer.address], labels: [] });
    this.#peer = peer;
  }

  /** One turn of the loop, as of a worker's. */
  turn(): void {
    const { mover, desk, engine } = this.#worker;
    const { now } = this.clock;
    mover.begin(now);
    mover.sendAll(now);
    desk.serve(now, () => now);
    if ((engine.nextTimer() ?? Number.POSITIVE_INFINITY) <= now) engine.tick(now);
  }

  receive(from: MemoryNode, datagram: Uint8Array): void {
    Atomics.store(from.#shared, SHARED.relayed, 0); // it is here
    const { mover, relays } = this.#worker;
    mover.receiveOne(this.clock.now, relays.at(relayedPath(from.address)), datagram);
  }
}
