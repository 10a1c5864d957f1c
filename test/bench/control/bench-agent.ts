import { credentials } from '@grpc/grpc-js';
import { type Crypto, type KeyPair, newSigningKeyPair } from '#crypto';
import { newId, type Random } from '#kernel';
import { type AgentCall, AgentClient, encodeFrame, encodeItem, type Frame, signHello } from '#wire';
import { applyFrame, type HeldNetmap, nothingHeld } from '../../../apps/agent/src/netmap/held-netmap.js';

/** Who hears of what agents have applied. */
export interface Listener {
  applied(agent: BenchAgent, bytes: number): void;
}

/** An agent with a fake engine: it joins, holds and proves its netmap, and acknowledges; it moves no packets. */
export class BenchAgent {
  held: HeldNetmap = nothingHeld;
  /** Whether this connection has brought a frame yet. */
  current = false;
  nodeId = '';
  #client: AgentClient | undefined;
  #call: AgentCall | undefined;
  readonly #machine: KeyPair;

  constructor(
    private readonly name: string,
    private readonly crypto: Crypto,
    private readonly random: Random,
    private readonly listener: Listener,
  ) {
    this.#machine = newSigningKeyPair(crypto, random);
  }

  /** Opens a connection of its own. */
  dial(address: string): void {
    this.#client = new AgentClient(address, credentials.createInsecure(), { 'grpc.use_local_subchannel_pool': 1 });
  }

  async register(authKey: string): Promise<void> {
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
    const registration = await this.#connected().register(claim, this.#sign);
    this.nodeId = registration.nodeId;
  }

  /** Follows the netmap from what it holds, until the stream ends. */
  async follow(): Promise<void> {
    const call = this.#connected().stream();
    this.#call = call;
    this.current = false;
    for await (const message of call.messages) {
      if (message.kind === 'challenge') this.#greet(call, message.nonce);
      else if (message.kind === 'frame') this.#take(call, message.frame);
      else if (message.kind === 'ping') call.send({ kind: 'pong', id: message.id });
      else if (message.kind === 'goodbye') break;
    }
  }

  hangUp(): void {
    this.#call?.close();
    this.#client?.close();
  }

  #greet(call: AgentCall, nonce: Uint8Array): void {
    const { epoch, revision, digest } = this.held;
    const hello = {
      nonce,
      nodeId: this.nodeId,
      clientVersion: 'bench',
      os: 'linux',
      ...(epoch && { resume: { epoch, revision, digest } }),
    };
    call.send({ kind: 'hello', hello: signHello(hello, this.#sign) });
  }

  #take(call: AgentCall, frame: Frame): void {
    this.held = applyFrame(this.held, frame);
    this.current = true;
    call.send({ kind: 'ack', revision: this.held.revision, digest: this.held.digest });
    this.listener.applied(this, bytesOf(frame));
  }

  #connected(): AgentClient {
    if (!this.#client) throw new Error('dial first');
    return this.#client;
  }

  readonly #sign = (bytes: Uint8Array): Uint8Array => this.crypto.sign(this.#machine.privateKey, bytes);
}

function bytesOf({ items, ...header }: Frame): number {
  return items.reduce((sum, item) => sum + encodeItem(item).field.length, encodeFrame(header, []).length);
}
