import { setTimeout as pause } from 'node:timers/promises';
import { credentials } from '@grpc/grpc-js';
import { type Crypto, newSigningKeyPair } from '#crypto';
import { NetfoldError, newId, type Problem, problemOf, type Random } from '#kernel';
import { type Ack, AgentClient, type Frame, type NodeAction, type RegisterClaim, type ServerMessage } from '#wire';
import { Backoff } from '../../../apps/agent/src/link/backoff.js';
import { ControlLink } from '../../../apps/agent/src/link/control-link.js';
import type { LinkHandler } from '../../../apps/agent/src/link/link-handler.js';
import { applyFrame, type HeldNetmap, nothingHeld } from '../../../apps/agent/src/netmap/held-netmap.js';
import { Gate } from './gate.js';

/** Waits are cut to so many milliseconds: a test has no minute for a reconnect. */
const LONGEST_PAUSE_MS = 30;

/** An agent's own link, resuming and netmap over real gRPC, without a data plane. */
export class FleetAgent implements LinkHandler {
  held: HeldNetmap = nothingHeld;
  readonly frames: Frame[] = [];
  nodeId = '';
  connectedTimes = 0;
  /** What ended the last stream, when it was no mere break. */
  problem: Problem | undefined;
  /** What the agent could not apply: its server has a fault. */
  readonly refused: Problem[] = [];
  /** Closed: the agent reads nothing that the server sends. */
  readonly reading = new Gate();
  /** Closed: the agent does not come back. */
  readonly online = new Gate();
  readonly #client: AgentClient;
  readonly #machine;
  #break: () => void = () => {};
  #link: ControlLink | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(
    address: string,
    readonly hostname: string,
    private readonly crypto: Crypto,
    private readonly random: Random,
  ) {
    this.#client = new AgentClient(address, credentials.createInsecure(), {
      'grpc.use_local_subchannel_pool': 1,
      'grpc.initial_reconnect_backoff_ms': 100,
      'grpc.max_reconnect_backoff_ms': 100,
    });
    this.#machine = newSigningKeyPair(crypto, random);
  }

  async register(authKey: string, more: Partial<RegisterClaim> = {}): Promise<void> {
    const claim = {
      machineKey: this.#machine.publicKey,
      nodeKey: this.random.bytes(32),
      hostname: this.hostname,
      os: 'linux',
      commandId: newId('cmd', this.random),
      tags: [],
      ephemeral: false,
      authKey,
      ...more,
    };
    const { nodeId } = await this.#client.register(claim, this.#sign);
    this.nodeId = nodeId;
  }

  /** Begins to follow its netmap, and comes back whenever the stream ends. */
  follow(): void {
    const { nodeId } = this;
    const identity = { nodeId, clientVersion: 'fleet', os: 'linux', sign: this.#sign };
    const backoff = new Backoff(this.random, { base: 10, cap: LONGEST_PAUSE_MS });
    this.#link = new ControlLink({ stream: () => this.#stream() }, identity, this, backoff, async (milliseconds) => {
      await pause(Math.min(milliseconds, LONGEST_PAUSE_MS));
      await this.online.passed();
    });
    this.#running = this.#link.run();
  }

  /** Asks for a change, again and again when there is no answer: the command's id sees to it that it is done once. */
  async command(action: NodeAction): Promise<number> {
    const claim = { nodeId: this.nodeId, commandId: newId('cmd', this.random), action };
    for (;;) {
      try {
        return await this.#client.command(claim, this.#sign);
      } catch (error) {
        if (problemOf(error).code !== 'control.unreachable') throw error;
        await pause(LONGEST_PAUSE_MS);
      }
    }
  }

  /** Breaks the connection, as a network does. */
  breakOff(): void {
    this.#break();
  }

  async close(): Promise<void> {
    this.reading.open();
    this.online.open();
    this.#link?.close();
    await this.#running;
    this.#client.close();
  }

  resume() {
    const { epoch, revision, digest } = this.held;
    return epoch && { epoch, revision, digest };
  }

  ledger(): undefined {}

  presence() {
    return { endpoints: [`192.0.2.1:${1 + this.connectedTimes}`], os: 'linux', clientVersion: 'fleet' };
  }

  async frame(frame: Frame): Promise<Omit<Ack, 'kind'>> {
    const { revision } = frame;
    this.frames.push(frame);
    try {
      this.held = applyFrame(this.held, frame);
    } catch (error) {
      if (!(error instanceof NetfoldError)) throw error;
      this.refused.push(problemOf(error));
      return { revision, digest: this.held.digest, problem: problemOf(error) };
    }
    return { revision, digest: this.held.digest };
  }

  peers(): void {}

  connected(): void {
    this.connectedTimes += 1;
  }

  disconnected(problem: Problem | undefined): void {
    this.problem = problem;
  }

  #stream() {
    const call = this.#client.stream();
    this.#break = () => call.close();
    return { ...call, messages: this.#read(call.messages) };
  }

  async *#read(messages: AsyncIterable<ServerMessage>): AsyncGenerator<ServerMessage> {
    for await (const message of messages) {
      await this.reading.passed();
      yield message;
    }
  }

  readonly #sign = (bytes: Uint8Array): Uint8Array => this.crypto.sign(this.#machine.privateKey, bytes);
}
