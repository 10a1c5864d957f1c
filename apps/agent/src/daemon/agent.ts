import { NetfoldError, type Problem, problemOf } from '#kernel';
import type { LoginBegun } from '#wire';
import type { KeyRotation, SetRequest, UpRequest } from '../local-api/messages.js';
import type { Status } from '../local-api/status.js';
import { Node } from '../node/node.js';
import type { NodePorts } from '../node/node-ports.js';
import { ownPrefixes } from '../state/membership.js';
import { advertisedRoutes, type Preferences } from '../state/preferences.js';
import type { AgentState } from './agent-state.js';
import { exitNodeNamed } from './exit-node.js';
import { beginLogin, join, needsLogin } from './join.js';
import { changed } from './preferences-change.js';
import { routeAdvice } from './route-advice.js';
import { statusOf } from './status-of.js';

/** What a person can have this machine do. Changes are carried out one after the other. */
export class Agent {
  #node: Node | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  /** Why it is not up though it is to be. */
  #problem: Problem | undefined;

  constructor(
    readonly ports: NodePorts,
    readonly state: AgentState,
  ) {}

  get status(): Status {
    const { preferences, membership, ledger } = this.state;
    const sources = { preferences: preferences.value, membership: membership.value, ledger, node: this.#node };
    const status = statusOf({ version: this.ports.version, ...sources });
    return this.#problem ? { ...status, Health: [this.#problem.message, ...status.Health] } : status;
  }

  /** The status with what the machine around the agent has to say. */
  async examined(): Promise<Status> {
    const advice = await this.advice();
    const { status } = this;
    return { ...status, Health: [...status.Health, ...advice] };
  }

  /** What a person should know of the routes that this machine serves and uses, in sentences. */
  async advice(): Promise<readonly string[]> {
    if (!this.#node) return [];
    const problems = await routeAdvice(this.#node, this.state.preferences.value, this.ports.lan());
    return problems.map(({ message, hint }) => (hint ? `${message}; ${hint}` : message));
  }

  /**
   * The node, which is up.
   * @throws NetfoldError `agent.down`
   */
  get node(): Node {
    if (this.#node) return this.#node;
    throw new NetfoldError({
      code: 'agent.down',
      message: 'this machine is not connected',
      hint: 'connect it: netfold up',
    });
  }

  /** The UDP port of the engine; undefined while it is down. */
  get port(): number | undefined {
    return this.#node?.plane.tunnel.path.localPort;
  }

  /** The network interface of this machine; undefined with userspace networking, and while it is down. */
  get interfaceName(): string | undefined {
    return this.#node?.plane.carrier.host.interfaceName;
  }

  /** Is up again if it was when it stopped. What stands in the way is part of the status: `up` can mend it. */
  resume(): Promise<void> {
    return this.#inTurn(async () => {
      if (!this.state.preferences.value.up || !this.state.membership.value) return this.#unseal();
      await this.#start().catch((error) => {
        const { message, code } = problemOf(error);
        this.ports.log(`cannot connect: ${message} [${code}]`);
      });
    });
  }

  /**
   * Joins if need be, and connects.
   * @throws NetfoldError what stands in the way
   */
  up(request: UpRequest): Promise<Status> {
    return this.#inTurn(async () => {
      const before = this.state.preferences.value;
      const after = changed(before, request, ownPrefixes(this.state.membership.value));
      this.#checkServer(after);
      await this.state.preferences.save(after);
      if (this.#mustJoin()) await this.#join(request);
      else {
        await this.state.ledger.pin(request.ledgerKey);
        if (request.serverUrl) await this.#rediscover(request.serverUrl);
      }
      await this.state.preferences.save({ ...this.state.preferences.value, up: true });
      if (needsRestart(before, after)) await this.#stopForAnother();
      if (!this.#node) await this.#start();
      await this.node.settled();
      await this.#enforce(before, request.exitNode);
      return this.examined();
    });
  }

  /** Has a person asked whether this machine may join; `up` with the ticket waits for the answer. */
  login(): Promise<LoginBegun> {
    return this.#inTurn(() => beginLogin(this.ports, this.state));
  }

  /** Disconnects, and stays disconnected after a restart. */
  down(): Promise<void> {
    return this.#inTurn(async () => {
      await this.state.preferences.save({ ...this.state.preferences.value, up: false });
      if (this.#node) await this.#stop();
      else await this.#unseal();
    });
  }

  /** Expires the key and forgets the membership; the machine key stays, so the machine is known when it comes back. */
  logout(): Promise<void> {
    return this.#inTurn(async () => {
      if (!this.state.membership.value) return;
      if (!this.#node) await this.#start();
      await this.node.command({ kind: 'logout' });
      await this.node.forget();
      await this.#stop();
      await this.state.membership.save(null);
      await this.state.ledger.forget();
      await this.state.preferences.save({ ...this.state.preferences.value, up: false });
      await this.state.keys.stage();
      await this.state.keys.promote();
    });
  }

  /** Changes settings of a node that is up. */
  set(request: SetRequest): Promise<void> {
    return this.#inTurn(async () => {
      const before = this.state.preferences.value;
      await this.state.preferences.save(changed(before, request, ownPrefixes(this.state.membership.value)));
      if (this.#node) await this.#enforce(before, request.exitNode);
    });
  }

  rotateKey(): Promise<KeyRotation> {
    return this.#inTurn(() => this.node.ownKey.rotate());
  }

  /**
   * Takes the ledger that the control plane shows from now on for the right one.
   * @param key the key that it must be signed with from now on; undefined: the one that is pinned
   * @throws NetfoldError `agent.no_ledger_alarm`, `agent.ledger_key_needed`, `note.bad_key`
   */
  acceptLedger(key: string | undefined): Promise<void> {
    return this.#inTurn(async () => {
      await this.state.ledger.accept(key);
      this.#node?.retry();
    });
  }

  /** Stops without a change of what is wanted; what an exit node holds back is held back on, where that is wanted. */
  stop(): Promise<void> {
    return this.#inTurn(() =>
      this.state.preferences.value.exitNodeKillSwitch === 'always' ? this.#stopForAnother() : this.#stop(),
    );
  }

  /**
   * Makes new preferences true: when it returns, the host does as they say.
   * @throws NetfoldError what stands in the way; they are then what they were before
   */
  async #enforce(before: Preferences, exitNodeName: string | undefined): Promise<void> {
    const { preferences } = this.state;
    try {
      if (exitNodeName) {
        await preferences.save({ ...preferences.value, exitNode: exitNodeNamed(this.node, exitNodeName) });
      }
      await this.#announce(before);
    } catch (error) {
      const { advertiseRoutes, advertiseExitNode, hostname, exitNode, exitNodeName } = before;
      const wanted = { advertiseRoutes, advertiseExitNode, hostname, exitNode, exitNodeName };
      await preferences.save({ ...preferences.value, ...wanted });
      throw error;
    } finally {
      this.node.reapply();
      await this.node.hostSettled();
    }
  }

  /** An exit node holds packets back when the agent is killed, until the next one is up, or down. */
  async #unseal(): Promise<void> {
    const { value } = this.state.preferences;
    if (value.exitNode === undefined) return;
    await this.ports.cleanUp?.(value).catch((error) => {
      this.#problem = problemOf(error);
    });
  }

  /** Tells the control plane what only it can make true. */
  async #announce(before: Preferences): Promise<void> {
    const after = this.state.preferences.value;
    const offered = advertisedRoutes(after);
    const known = this.node.follower.self?.routes.map(({ prefix }) => prefix) ?? [];
    if (offered.toSorted().join() !== known.toSorted().join()) {
      await this.node.command({ kind: 'advertise-routes', prefixes: offered });
    }
    if (after.hostname !== undefined && after.hostname !== before.hostname) {
      await this.node.command({ kind: 'set-hostname', hostname: after.hostname });
    }
  }

  #mustJoin(): boolean {
    return (
      !this.state.membership.value || this.#node?.follower.self?.expired === true || this.#node?.isRemoved === true
    );
  }

  async #join({ authKey, loginTicket, ledgerKey }: UpRequest): Promise<void> {
    if (!authKey && !loginTicket) throw needsLogin();
    await this.#stopForAnother();
    await join(this.ports, this.state, authKey ? { authKey } : { loginTicket }, ledgerKey);
  }

  /** The server may have moved the port that agents connect to. */
  async #rediscover(serverUrl: string): Promise<void> {
    const membership = this.state.membership.value;
    const agentUrl = await this.ports.discover(serverUrl).catch(() => undefined); // it is away: then nothing is new
    if (!membership || !agentUrl || agentUrl === membership.agentUrl) return;
    await this.state.membership.save({ ...membership, agentUrl });
    await this.#stopForAnother();
  }

  /** One agent is a member of one tailnet. */
  #checkServer({ serverUrl }: Preferences): void {
    const joined = this.state.membership.value?.serverUrl;
    if (!joined || joined === serverUrl) return;
    const hint = 'leave it first: netfold logout';
    throw new NetfoldError({
      code: 'agent.other_server',
      message: `this machine is a member at ${joined}`,
      where: '--server',
      hint,
    });
  }

  async #start(): Promise<void> {
    const { keys, membership, preferences } = this.state;
    if (!membership.value) throw needsLogin();
    this.#node = await Node.start({
      ports: this.ports,
      keys,
      membership: membership.value,
      ledger: this.state.ledger,
      preferences: () => preferences.value,
      onPort: (port) => void this.#inTurn(() => this.#keepPort(port)).catch(() => {}),
      onServers: (urls) => void this.#inTurn(() => this.#keepServers([...urls])).catch(() => {}),
    }).catch((error) => {
      this.#problem = problemOf(error);
      throw error;
    });
    this.#problem = undefined;
    await this.#keepPort(this.#node.plane.tunnel.path.localPort);
  }

  /** Peers know it: the next start tries the same one first. */
  #keepPort(udpPort: number): Promise<void> {
    const { preferences } = this.state;
    return preferences.save({ ...preferences.value, udpPort });
  }

  /** The next start may find the one gone that this machine joined at. */
  async #keepServers(servers: string[]): Promise<void> {
    const { membership } = this.state;
    if (membership.value) await membership.save({ ...membership.value, servers });
  }

  /** Nothing gets past an exit node in between. */
  async #stopForAnother(): Promise<void> {
    const { exitNode, userspace } = this.state.preferences.value;
    if (exitNode !== undefined && !userspace) this.#node?.plane.carrier.host.handOver?.();
    await this.#stop();
  }

  async #stop(): Promise<void> {
    const node = this.#node;
    this.#node = undefined;
    this.#problem = undefined;
    await node?.stop();
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => {});
    return done;
  }
}

const needsRestart = (before: Preferences, after: Preferences): boolean =>
  before.userspace !== after.userspace || before.tun !== after.tun;
