import type { Crypto } from '#crypto';
import { InlineDataPath } from '#dataplane';
import { fromBase64, toBase64 } from '#kernel';
import { hostPrefix, parseAddress, parsePrefix } from '#net';
import type { Dice, Machine, Scheduler, SimulatedInternet } from '#sim';
import { LedgerGuard } from '../../apps/agent/src/checkpoint/ledger-guard.js';
import { Node } from '../../apps/agent/src/node/node.js';
import type { NodePorts } from '../../apps/agent/src/node/node-ports.js';
import { KeyStore } from '../../apps/agent/src/state/key-store.js';
import { DEFAULT_PREFERENCES } from '../../apps/agent/src/state/preferences.js';
import { MemoryDisk } from './memory-directory.js';
import { type ControlRoute, simClient } from './sim-client.js';
import { START } from './sim-control.js';

const PORT = 41641;
const MTU = 1280;

/** What a machine is made of. */
export interface AgentParts {
  readonly scheduler: Scheduler;
  readonly internet: SimulatedInternet;
  readonly route: ControlRoute;
  readonly crypto: Crypto;
  readonly dice: Dice;
  /** Sees each packet that an agent hands to its host. */
  readonly delivered: (agent: SimAgent, packet: Uint8Array) => void;
}

/** One run of the agent, from a start to a crash. */
interface Run {
  alive: boolean;
  node?: Node;
  send?: (packets: readonly Uint8Array[]) => void;
}

/** A machine: the real agent between a simulated disk, host, internet and control plane. */
export class SimAgent implements Machine {
  readonly disk: MemoryDisk;
  #run: Run = { alive: false };

  constructor(
    readonly nodeId: string,
    /** Of the machine on the internet. */
    readonly address: string,
    readonly parts: AgentParts,
  ) {
    this.disk = new MemoryDisk(parts.scheduler, parts.dice);
    parts.scheduler.attach(this);
  }

  /** The agent that runs, if one does. */
  get node(): Node | undefined {
    return this.#run.node;
  }

  /** What carries its packets: engine and filter. */
  get path(): InlineDataPath | undefined {
    const path = this.node?.plane.tunnel.path;
    return path instanceof InlineDataPath ? path : undefined;
  }

  /** The keys that the machine keeps, made on first use. */
  keys(): Promise<KeyStore> {
    return KeyStore.open(
      this.disk.mount(() => true),
      this.parts.crypto,
      this.parts.dice,
    );
  }

  /** Starts the agent on what is on the disk. */
  async start(): Promise<void> {
    const run: Run = { alive: true };
    this.#run = run;
    const ports = this.#portsOf(run);
    const keys = await KeyStore.open(ports.directory, ports.crypto, ports.random);
    const { nodeId } = this;
    const membership = {
      nodeId,
      serverUrl: 'sim',
      agentUrl: 'grpc://sim',
      tailnet: 'sim',
      name: nodeId,
      addresses: [],
    };
    const ledger = await LedgerGuard.open(ports.directory, ports.crypto, ports.wallClock);
    const preferences = () => ({ ...DEFAULT_PREFERENCES, up: true, acceptRoutes: true });
    const node = await Node.start({ ports, keys, membership, preferences, ledger });
    if (run.alive) run.node = node;
    else void node.plane.carrier.close();
  }

  /** Ends the agent as a power failure would. */
  crash(): void {
    const run = this.#run;
    this.#run = { alive: false };
    run.alive = false;
    this.parts.route.break(0, 0);
    void run.node?.plane.carrier.close();
  }

  /** As if the host had sent a packet. */
  send(packet: Uint8Array): void {
    this.#run.send?.([packet]);
  }

  /** Sends a packet to a peer that the netmap does not lead it to. */
  forceOn(peerId: string, packet: Uint8Array, destination: string): void {
    const plane = this.node?.plane;
    const peer = plane?.engine.state.peers.get(peerId);
    const key = peer && fromBase64(peer.nodeKey);
    if (!plane || !peer || !key) return;
    const { engine, now } = plane.tunnel;
    const allowedIps = peer.allowedIps.map(parsePrefix);
    engine.updatePeer(now, key, { allowedIps: [...allowedIps, hostPrefix(parseAddress(destination))] });
    this.send(packet);
    engine.updatePeer(now, key, { allowedIps });
  }

  nextTimer(): number | undefined {
    return this.path?.engine.nextTimer();
  }

  tick(now: number): void {
    this.path?.engine.tick(now);
  }

  #portsOf(run: Run): NodePorts {
    const { scheduler, internet, route, crypto, dice } = this.parts;
    return {
      crypto,
      random: dice,
      wallClock: { now: () => START + scheduler.now },
      monotonic: () => scheduler.now,
      pause: async (milliseconds) => {
        await scheduler.pause(milliseconds);
        if (!run.alive) await new Promise<never>(() => {});
      },
      directory: this.disk.mount(() => run.alive),
      os: 'linux',
      hostname: this.nodeId,
      version: 'sim',
      log: () => {},
      openUdp: async () => internet.socket({ address: this.address, port: PORT }),
      openHost: async () => ({ tun: this.#tunOf(run), configure: async () => {}, close: async () => {} }),
      discover: async () => 'grpc://sim',
      connect: () => simClient(route, () => [`${this.address}:${PORT}`]),
      openResolver: () =>
        Promise.reject(new Error('a simulated host has no interface, and nobody asks it about names')),
      lan: () => [],
      endpoints: () => [`${this.address}:${PORT}`],
    };
  }

  #tunOf(run: Run) {
    return {
      name: 'sim0',
      mtu: MTU,
      onPackets: (listener: (packets: readonly Uint8Array[]) => void) => {
        run.send = listener;
      },
      write: (packet: Uint8Array) => {
        if (run.alive) this.parts.delivered(this, packet);
      },
      close: async () => {},
    };
  }
}

/** What a machine says of itself when it joins. */
export const joinKeys = ({ machine, node }: KeyStore) => ({
  machineKey: toBase64(machine.publicKey),
  nodeKey: toBase64(node.publicKey),
});
