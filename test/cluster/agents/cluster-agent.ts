import { setTimeout as pause } from 'node:timers/promises';
import { credentials } from '@grpc/grpc-js';
import { type Crypto, newSigningKeyPair } from '#crypto';
import { systemClock } from '#host';
import { NetfoldError, newId, type Problem, problemOf, type Random, toHex } from '#kernel';
import type { Item, ItemKey } from '#netmap';
import { type Ack, AgentClient, type Frame, type NodeAction } from '#wire';
import { LedgerGuard } from '../../../apps/agent/src/checkpoint/ledger-guard.js';
import { Backoff } from '../../../apps/agent/src/link/backoff.js';
import { ControlLink } from '../../../apps/agent/src/link/control-link.js';
import type { LinkHandler } from '../../../apps/agent/src/link/link-handler.js';
import { streamNumbers } from '../../../apps/agent/src/link/stream-numbers.js';
import { applyFrame, type HeldNetmap, nothingHeld } from '../../../apps/agent/src/netmap/held-netmap.js';
import type { AgentHistory, Applied } from '../history/history.js';
import { memoryDirectory } from './memory-directory.js';

/** Who is to join, and how. */
export interface Joining {
  readonly name: string;
  readonly authKey: string;
  /** What it offers to route. */
  readonly prefix: string | undefined;
  readonly replica: number;
}

/** How an agent stands at a moment. */
export interface Standing {
  readonly nodeId: string;
  readonly name: string;
  /** That it offers to route. */
  readonly prefix: string | undefined;
  readonly member: boolean;
  readonly connected: boolean;
  readonly replica: number;
  readonly revision: number;
  readonly digest: string;
}

/** A replica that is frozen is noticed after so many milliseconds. */
const CHANNEL = {
  'grpc.use_local_subchannel_pool': 1,
  'grpc.keepalive_time_ms': 1_500,
  'grpc.keepalive_timeout_ms': 1_500,
};

const PAUSES = { base: 100, cap: 1_500 };

/**
 * An agent with its own link, resuming, netmap and ledger guard, over real gRPC; without a data plane. When a replica goes,
 * it goes on at the next. It remembers all that it was told.
 */
export class ClusterAgent implements LinkHandler {
  nodeId = '';
  readonly #applied: Applied[] = [];
  readonly #refused: string[] = [];
  readonly #clients = new Map<number, AgentClient>();
  readonly #machine;
  #held: HeldNetmap = nothingHeld;
  #member = true;
  #connected = false;
  /** Whether the next frame is the first of its stream, and what the stream was to go on from. */
  #first = false;
  #resuming = false;
  #link: ControlLink | undefined;
  #replica = 0;
  /** Where it is to go on, when it was told to move. */
  #wanted: number | undefined;
  #prefix: string | undefined;

  private constructor(
    private readonly name: string,
    private readonly addresses: readonly string[],
    private readonly guard: LedgerGuard,
    private readonly crypto: Crypto,
    private readonly random: Random,
  ) {
    this.#machine = newSigningKeyPair(crypto, random);
  }

  /** @param addresses of the gRPC services of all replicas */
  static async create(name: string, addresses: readonly string[], crypto: Crypto, random: Random) {
    const guard = await LedgerGuard.open(memoryDirectory(), crypto, systemClock);
    return new ClusterAgent(name, addresses, guard, crypto, random);
  }

  /** Joins through any replica; one that does not answer is followed by the next, with the same command. */
  async join({ authKey, prefix, replica }: Joining): Promise<void> {
    this.#replica = replica;
    this.#prefix = prefix;
    const claim = {
      machineKey: this.#machine.publicKey,
      nodeKey: this.random.bytes(32),
      hostname: this.name,
      os: 'linux',
      commandId: newId('cmd', this.random),
      tags: [],
      ephemeral: false,
      authKey,
    };
    const registration = await this.#insist((client) => client.register(claim, this.#sign));
    this.nodeId = registration.nodeId;
    await this.guard.pin(registration.ledgerKey);
    if (prefix !== undefined) await this.command({ kind: 'advertise-routes', prefixes: [prefix] });
    this.#follow();
  }

  /** Has something of its own changed. */
  command(action: NodeAction): Promise<number> {
    const claim = { nodeId: this.nodeId, commandId: newId('cmd', this.random), action };
    return this.#insist((client) => client.command(claim, this.#sign));
  }

  rotateKey(): Promise<number> {
    return this.command({ kind: 'rotate-key', nodeKey: this.random.bytes(32) });
  }

  /** Goes on at another replica. */
  move(replica: number): void {
    if (replica === this.#replica) return;
    this.#wanted = replica;
    this.#link?.retry();
  }

  get standing(): Standing {
    const { revision, digest } = this.#held;
    return {
      nodeId: this.nodeId,
      name: this.name,
      prefix: this.#prefix,
      member: this.#member,
      connected: this.#connected,
      replica: this.#replica,
      revision,
      digest: toHex(digest),
    };
  }

  get history(): AgentHistory {
    return {
      nodeId: this.nodeId,
      name: this.name,
      applied: this.#applied,
      refused: this.#refused,
      member: this.#member,
    };
  }

  close(): void {
    this.#link?.close();
    for (const client of this.#clients.values()) client.close();
  }

  resume() {
    const { epoch, revision, digest } = this.#held;
    this.#first = true;
    this.#resuming = epoch !== undefined;
    return epoch && { epoch, revision, digest };
  }

  ledger() {
    return this.guard.head;
  }

  presence() {
    return { endpoints: ['127.0.0.1:41641'], os: 'linux', clientVersion: 'cluster' };
  }

  async frame(frame: Frame): Promise<Omit<Ack, 'kind'>> {
    const { revision } = frame;
    try {
      const alarm = this.guard.check(frame);
      if (alarm) throw new NetfoldError(alarm);
      this.#take(frame, applyFrame(this.#held, frame));
      return { revision, digest: this.#held.digest };
    } catch (error) {
      const problem = problemOf(error);
      this.#refused.push(`revision ${revision} of replica ${this.#replica}: ${problem.message} [${problem.code}]`);
      return { revision, digest: this.#held.digest, problem };
    }
  }

  peers(): void {}

  connected(): void {
    this.#connected = true;
  }

  disconnected(problem: Problem | undefined): void {
    this.#connected = false;
    if (problem?.code === 'agent.removed' || problem?.code === 'node.unknown') {
      this.#member = false;
      this.close();
    }
  }

  #next(): void {
    this.#replica = this.#wanted ?? (this.#replica + 1) % this.addresses.length;
    this.#wanted = undefined;
  }

  #follow(): void {
    const nextStreamNumber = streamNumbers(systemClock);
    const identity = { nodeId: this.nodeId, clientVersion: 'cluster', os: 'linux', sign: this.#sign, nextStreamNumber };
    const servers = { stream: () => this.#client().stream(), next: () => this.#next() };
    const sleep = (milliseconds: number, signal: AbortSignal) =>
      pause(Math.min(milliseconds, PAUSES.cap), undefined, { signal }).catch(() => {});
    this.#link = new ControlLink(servers, identity, this, new Backoff(this.random, PAUSES), sleep);
    void this.#link.run();
  }

  #take(frame: Frame, next: HeldNetmap): void {
    const before = frame.snapshot ? nothingHeld.netmap : this.#held.netmap;
    this.#held = next;
    this.#applied.push({
      at: Date.now(),
      replica: this.#replica,
      revision: frame.revision,
      digest: toHex(next.digest),
      snapshot: frame.snapshot,
      resumed: this.#first && this.#resuming,
      gained: frame.items.filter((item) => isPeer(item) && !before.has(`peer/${item.id}`)).map(({ id }) => id),
      lost: frame.removed.filter((key) => key.startsWith('peer/')).map(idOf),
    });
    this.#first = false;
  }

  async #insist<T>(ask: (client: AgentClient) => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await ask(this.#client());
      } catch (error) {
        if (!PASSING.test(problemOf(error).code)) throw error;
        this.#next();
        await pause(PAUSES.base);
      }
    }
  }

  #client(): AgentClient {
    const known = this.#clients.get(this.#replica);
    const address = this.addresses[this.#replica] ?? '';
    const client = known ?? new AgentClient(address, credentials.createInsecure(), CHANNEL);
    this.#clients.set(this.#replica, client);
    return client;
  }

  readonly #sign = (bytes: Uint8Array): Uint8Array => this.crypto.sign(this.#machine.privateKey, bytes);
}

/** What another replica, or the same one a moment later, may do. */
const PASSING = /^(control\.(unreachable|behind|starting|draining|broken)|store\.|conflict\.contention|coordination\.)/;

const isPeer = (item: Item): boolean => item.kind === 'peer';
const idOf = (key: ItemKey): string => key.slice('peer/'.length);
