import { type KeyPair, NobleCrypto, newDhKeyPair } from '#crypto';
import { NativeCrypto } from '#crypto/native';
import { systemRandom } from '#host';
import { VNET } from '../io/abi.js';
import { closePipe, HostPipe, openPipe, type PipeEnds } from '../io/host-pipe.js';
import { closeUdpSockets, openUdpSockets, type UdpSockets } from '../io/udp-sockets.js';
import { Arena } from '../memory/arena.js';
import { pathTo } from '../udp-path.js';
import { callsOn } from '../worker/calls.js';
import { type Calls, type Notice, SHARED } from '../worker/protocol.js';
import { createWorkerEngine, type WorkerEngine } from '../worker/worker-engine.js';

/** All that a TUN interface can leave to its user. */
const OFFLOADS = 0x67;

/** What a worker runs, in this thread: on loopback, and with a pair of sockets for an interface. */
export class WorkerNode {
  readonly keys: KeyPair = newDhKeyPair(new NobleCrypto(), systemRandom);
  readonly sockets: UdpSockets = openUdpSockets(0, 0);
  readonly notices: Notice[] = [];
  readonly worker: WorkerEngine;
  readonly calls: Calls;
  now = 1_000_000;
  readonly #arena = new Arena(8 << 20);
  readonly #pipe = openPipe() as PipeEnds;
  readonly #host = new HostPipe(this.#arena, this.#pipe);

  constructor(
    readonly label: string,
    readonly address: string,
  ) {
    const shared = new SharedArrayBuffer(4 * SHARED.length);
    const tun = { fd: this.#pipe.tun, mtu: 1420, offloads: OFFLOADS };
    const setup = {
      splits: true,
      tun,
      sockets: this.sockets,
      shared,
    };
    this.worker = createWorkerEngine(setup, { arena: this.#arena, crypto: new NativeCrypto() }, (notice) =>
      this.notices.push(notice),
    );
    this.calls = callsOn(this.worker, () => this.now);
    this.calls.setPrivateKey(this.keys.privateKey);
    this.calls.setSelf({ addresses: [address] });
  }

  /** Makes the other one a peer; only the one that begins has to know where the other is. */
  knows(peer: WorkerNode, { path = true } = {}): void {
    const prefix = { address: Uint8Array.from(peer.address.split('.').map(Number)), bits: 32 };
    const endpoint = { address: '127.0.0.1', port: peer.sockets.port };
    this.calls.addPeer({
      publicKey: peer.keys.publicKey,
      label: peer.label,
      allowedIps: [prefix],
      ...(path && { path: pathTo(endpoint) }),
    });
    this.calls.setFilterPeer({ id: peer.label, addresses: [peer.address], labels: [] });
  }

  allowAll(): void {
    const ports = [{ first: 0, last: 65_535 }];
    this.calls.setRules([{ id: 'all', src: [{ kind: 'any' }], dst: { kind: 'self' }, protocols: [], ports }]);
  }

  /** The host sends a packet, with what is said of it before it. */
  hostSends(packet: Uint8Array, header?: Uint8Array): void {
    this.#host.write(packet, header);
  }

  /** All that the host has got. */
  hostReceives(): { readonly header: Uint8Array; readonly packet: Uint8Array }[] {
    const got = [];
    for (let bytes = this.#host.read()?.slice(); bytes; bytes = this.#host.read()?.slice()) {
      got.push({ header: bytes.subarray(0, VNET.size), packet: bytes.subarray(VNET.size) });
    }
    return got;
  }

  /** One turn of the loop. */
  turn(): void {
    this.worker.desk.woke(this.now);
    this.worker.mover.begin(this.now);
    this.worker.mover.receiveAll(this.now, this.sockets.v4);
    this.worker.mover.sendAll(this.now);
    this.worker.desk.serve(this.now, () => this.now);
    this.worker.guard.look(this.now);
    this.worker.engine.tick(this.now);
    this.worker.output.flush();
  }

  close(): void {
    closeUdpSockets(this.sockets);
    closePipe(this.#pipe);
  }
}

/** Until handshakes are done and all packets have arrived: loopback delivers at once. */
export function settle(...nodes: readonly WorkerNode[]): void {
  for (let i = 0; i < 6; i++) for (const node of nodes) node.turn();
}
