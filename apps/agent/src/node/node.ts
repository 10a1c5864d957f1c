import type { UdpPath } from '#dataplane';
import { NetfoldError, newId, type Problem, problemOf } from '#kernel';
import { tryParseAddress } from '#net';
import type { PeerItem } from '#netmap';
import type { RouteChoices } from '#plan';
import type { NodeAction } from '#wire';
import { InterfaceUapi } from '../by-hand/interface-uapi.js';
import { UapiSocket } from '../by-hand/uapi-socket.js';
import type { LedgerGuard } from '../checkpoint/ledger-guard.js';
import type { PingOutcome } from '../engine/pinger.js';
import { RouterFailover } from '../engine/router-failover.js';
import type { FlowReporter } from '../flows/flow-reporter.js';
import { Backoff } from '../link/backoff.js';
import { ControlLink } from '../link/control-link.js';
import type { ControlServers } from '../link/control-servers.js';
import { type ExitInUse, NameService } from '../names/name-service.js';
import { NetmapCache } from '../netmap/netmap-cache.js';
import { NetmapFollower } from '../netmap/netmap-follower.js';
import { PairRecords } from '../psk/pair-records.js';
import type { PresharedKeys } from '../psk/preshared-keys.js';
import type { KeyStore } from '../state/key-store.js';
import type { Membership } from '../state/membership.js';
import { PeerMemory } from '../state/peer-memory.js';
import { hostChoices, type Preferences } from '../state/preferences.js';
import { DataPlane } from './data-plane.js';
import { flowLogs } from './flow-logs.js';
import { linkIdentity } from './link-identity.js';
import { NodeLink } from './node-link.js';
import type { NodePorts } from './node-ports.js';
import { nodePresharedKeys } from './node-preshared-keys.js';
import { nodeServers } from './node-servers.js';
import { OwnKey } from './own-key.js';

const PATIENCE_MS = 10_000;
const BACKOFF = { base: 500, cap: 15_000 };

/** What a node is started with. */
export interface NodeSetup {
  readonly ports: NodePorts;
  readonly keys: KeyStore;
  readonly membership: NonNullable<Membership>;
  readonly ledger: LedgerGuard;
  /** As they are at the moment. */
  readonly preferences: () => Preferences;
  /** The UDP port is another one than at the start. */
  readonly onPort?: (port: number) => void;
  /** The control plane says where else it may be reached. */
  readonly onServers?: (urls: readonly string[]) => void;
}

/** A member of a tailnet that is up. */
export class Node {
  readonly ownKey: OwnKey;
  readonly follower: NetmapFollower;
  readonly handler: NodeLink;
  readonly presharedKeys: PresharedKeys;
  readonly #failover: RouterFailover;
  readonly #link: ControlLink;
  readonly #servers: ControlServers;
  readonly #flowLogs: FlowReporter | undefined;
  #running: Promise<void> = Promise.resolve();
  #uapi: UapiSocket | undefined;
  #uapiProblem: Problem | undefined;

  private constructor(
    readonly setup: NodeSetup,
    readonly plane: DataPlane,
    readonly memory: PeerMemory,
    /** Undefined without an interface of the host: nobody would ask. */
    readonly names: NameService | undefined,
    pairs: PairRecords,
  ) {
    const { ports, keys, membership, preferences } = setup;
    this.#servers = nodeServers(setup);
    this.presharedKeys = nodePresharedKeys(setup, plane.tunnel, pairs, {
      netmap: () => this.follower.held.netmap,
      write: (letter) => this.#link.write(letter),
    });
    this.ownKey = new OwnKey(
      keys,
      plane.tunnel,
      (action) => this.command(action),
      () => this.presharedKeys.follow(),
    );
    this.#failover = new RouterFailover(plane.tunnel, ports.pause, () => this.follower.reapply());
    this.follower = new NetmapFollower(
      plane.engine,
      new NetmapCache(ports.directory),
      () => this.#choices(preferences()),
      (self) => void this.ownKey.reconcile(self),
      ({ netmap }) => {
        names?.follow(netmap, plane.engine.state.dns, this.#exitInUse);
        this.presharedKeys.follow();
        this.#failover.follow(preferences().acceptRoutes ? this.follower.routes() : []);
      },
    );
    this.handler = new NodeLink(
      this.follower,
      plane,
      memory,
      setup.ledger,
      () => ({
        endpoints: ports.endpoints(plane.tunnel.path.localPort, membership.agentUrl),
        os: ports.os,
        clientVersion: ports.version,
        takesLetters: true,
      }),
      ports.log,
      () => this.#resumeRotation(),
      this.presharedKeys,
      () => this.#rotateInTime(),
    );
    const backoff = new Backoff(ports.random, BACKOFF);
    this.#link = new ControlLink(this.#servers, linkIdentity(setup), this.handler, backoff, ports.pause);
    this.#flowLogs = flowLogs(ports, plane.tunnel, this.#link);
  }

  /** Opens the data plane, puts the saved netmap in force, and begins to follow the control plane. */
  static async start(setup: NodeSetup): Promise<Node> {
    const { ports, keys, membership, preferences } = setup;
    const plane = await DataPlane.open(ports, keys, preferences(), membership.agentUrl);
    const memory = await PeerMemory.open(ports.directory);
    const pairs = await PairRecords.open(ports.directory);
    const node = new Node(setup, plane, memory, await openNames(ports, plane), pairs);
    plane.tunnel.recall(node.memory.presence, node.memory.inUse);
    plane.tunnel.onSession((id, inUse, path) => {
      node.memory.note(id, inUse, path?.key);
      queueMicrotask(() => node.presharedKeys.session(id, inUse)); // the engine is in the middle of what it tells about
    });
    plane.carrier.host.setResolver?.(async (name) => node.findPeer(name)?.ipv4);
    await node.follower.restore(membership.nodeId);
    node.memory.retain(new Set([...node.follower.peers()].map(({ id }) => id)));
    await node.#openUapi();
    node.#running = node.#link.run();
    node.#flowLogs?.start();
    return node;
  }

  /** Where `wg` asks; undefined without an interface of the host, and when something stands in the way. */
  get uapiSocket(): string | undefined {
    return this.#uapi?.path;
  }

  /** What a person should look at. */
  get problems(): readonly Problem[] {
    const { problem } = this.handler;
    const { names, presharedKeys, follower, plane } = this;
    const own = [problem, this.#uapiProblem, this.setup.ledger.problem, names?.problem, presharedKeys.records.problem];
    const pairs = presharedKeys.problems.map(({ id, problem: { message, ...rest } }) => {
      return { ...rest, message: `${this.describe(id).name}: ${message}` };
    });
    const known = own.filter((one) => one !== undefined);
    return [...known, ...pairs, ...follower.problems, ...plane.engine.problems];
  }

  /** Waits until there is a netmap and the control plane has answered or failed; in any case not for long. */
  settled(): Promise<void> {
    const { handler, follower } = this;
    return handler.until(
      () => follower.self !== undefined && (handler.isConnected || handler.problem !== undefined),
      PATIENCE_MS,
    );
  }

  /** Resolves when the host has the routes, and finds names in the way, that it was asked for last. */
  async hostSettled(): Promise<void> {
    await this.plane.engine.settled();
    await this.names?.settled();
  }

  /** Asks the control plane for a change of this node; answers the revision of the ledger after it. */
  command(action: NodeAction): Promise<number> {
    const { ports, keys, membership } = this.setup;
    const claim = { nodeId: membership.nodeId, commandId: newId('cmd', ports.random), action };
    return this.#servers.command(claim, (bytes) => ports.crypto.sign(keys.machine.privateKey, bytes));
  }

  /** Asks the control plane anew, at once. */
  retry(): void {
    this.#link.retry();
  }

  /** The person's choices have changed. */
  reapply(): void {
    const { sourceNat, lan } = hostChoices(this.setup.preferences());
    this.plane.engine.choose({ sourceNat, lan });
    this.follower.reapply();
  }

  /**
   * One echo through the tunnel.
   * @param timeout milliseconds
   */
  ping(address: string, timeout: number): Promise<PingOutcome> {
    const { self } = this.follower;
    const destination = tryParseAddress(address);
    const source = tryParseAddress((destination?.length === 16 ? self?.ipv6 : self?.ipv4) ?? '');
    if (!destination || !source) throw noNetmap();
    return this.plane.pinger.ping(source, destination, timeout);
  }

  /** How a person calls the peer, and where packets to it go. */
  describe(id: string): { readonly name: string; readonly path: UdpPath | undefined } {
    const item = this.follower.held.netmap.get(`peer/${id}`);
    return { name: item?.kind === 'peer' ? item.name : id, path: this.plane.tunnel.pathOf(id) };
  }

  /** Whether the control plane says that there is no such node any more. */
  get isRemoved(): boolean {
    return ['agent.removed', 'node.unknown'].includes(this.handler.problem?.code ?? '');
  }

  /** Forgets the netmap: a restart must not bring it back. */
  forget(): Promise<void> {
    return this.follower.cache.clear();
  }

  async stop(): Promise<void> {
    await this.#uapi?.close();
    await this.#flowLogs?.close();
    this.#link.close();
    await this.#running;
    this.#servers.close();
    await this.#failover.close();
    await this.presharedKeys.close();
    await this.names?.close();
    await this.plane.close();
    await this.memory.flush();
  }

  #rotateInTime(): void {
    const { log } = this.setup.ports;
    this.ownKey.rotateInTime().then(
      (rotation) => rotation && log(`the key was replaced, as it had grown old: ${rotation.publicKey}`),
      (error) => log(`the key has grown old, and is not replaced yet: ${problemOf(error).message}`),
    );
  }

  #resumeRotation(): void {
    this.ownKey
      .resume()
      .catch((error) => this.setup.ports.log(`the key is not replaced yet: ${problemOf(error).message}`));
  }

  /** Without it the node is as good: whatever stands in the way is told. */
  async #openUapi(): Promise<void> {
    const { tunnel, engine, carrier } = this.plane;
    const { ports, onPort } = this.setup;
    const { interfaceName } = carrier.host;
    if (interfaceName === undefined) return;
    const uapi = new InterfaceUapi(tunnel, engine.byHand, {
      log: ports.log,
      onMark: (mark) => engine.choose({ mark }),
      onPort: (port) => {
        onPort?.(port);
        this.#link.report();
      },
    });
    try {
      this.#uapi = await UapiSocket.open(interfaceName, (operation) => uapi.answer(operation));
    } catch (error) {
      this.#uapiProblem = problemOf(error);
    }
  }

  /** The id of the peer that traffic to the internet goes through. */
  get exitNode(): string | undefined {
    const { exitNode } = this.setup.preferences();
    return exitNode ? this.findPeer(exitNode)?.id : undefined;
  }

  get #exitInUse(): ExitInUse | undefined {
    const { exitNode } = this.setup.preferences();
    return exitNode === undefined ? undefined : { address: this.findPeer(exitNode)?.ipv4 };
  }

  #choices({ acceptRoutes, acceptDns, exitNode }: Preferences): RouteChoices {
    // A name that nobody has is the id of nobody: then packets go nowhere.
    return { acceptRoutes, acceptDns, exitNode: this.exitNode ?? exitNode, unwell: this.#failover.unwell };
  }

  /** The peer that a name, a DNS name, an address or an id means. */
  findPeer(wanted: string): PeerItem | undefined {
    const name = wanted.toLowerCase().replace(/\.$/, '');
    for (const peer of this.follower.peers()) {
      if (peer.id === wanted || [peer.name, peer.dnsName, peer.ipv4, peer.ipv6].includes(name)) return peer;
    }
    return undefined;
  }
}

async function openNames({ wallClock, openResolver }: NodePorts, { carrier, engine }: DataPlane) {
  const { interfaceName } = carrier.host;
  if (interfaceName === undefined) return undefined;
  const system = await openResolver(interfaceName);
  return new NameService({ clock: wallClock, system, addressed: () => engine.settled() });
}

const noNetmap = (): NetfoldError =>
  new NetfoldError({
    code: 'agent.no_netmap',
    message: 'this node has no address yet',
    hint: 'wait until the control plane has let it in; see: netfold status',
  });
