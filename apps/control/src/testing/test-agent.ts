import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { type ChannelCredentials, credentials } from '@grpc/grpc-js';
import { equalBytes, NetfoldError, toHex, utf8 } from '#kernel';
import { digestOf, emptyNetmap, type Item, keyOf, type Netmap } from '#netmap';
import {
  type AgentCall,
  AgentClient,
  type Challenge,
  encodeItem,
  type FlowReport,
  type Frame,
  type Goodbye,
  type LedgerHead,
  type Letter,
  type NodeAction,
  type PeerPresence,
  type RegisterClaim,
  type Registration,
  type Resume,
  signHello,
} from '#wire';

/** An agent that keeps its netmap and nothing else: what the control plane's tests talk to it with. */
export class TestAgent {
  client: AgentClient;
  readonly machineKey: Uint8Array;
  readonly nodeKey = new Uint8Array(randomBytes(32));
  readonly frames: Frame[] = [];
  readonly presence = new Map<string, PeerPresence>();
  readonly letters: Letter[] = [];
  keyRotationsDue = 0;
  netmap: Netmap = emptyNetmap;
  resume: Resume | undefined;
  /** The ledger that it says it knows. */
  ledger: LedgerHead | undefined;
  registration: Registration | undefined;
  goodbye: Goodbye | undefined;
  /** Where else it could connect, as it was told last. */
  servers: readonly string[] = [];
  /** Whether the server said that it takes reports of flows. */
  mayReportFlows = false;
  #streams = 0;
  /** What the last stream failed with. */
  failure: NetfoldError | undefined;
  /** Whether frames are acknowledged. */
  acknowledges = true;
  #call: AgentCall | undefined;
  #running: Promise<void> = Promise.resolve();
  #changed = Promise.withResolvers<void>();
  readonly #privateKey: KeyObject;

  constructor(
    grpcAddress: string,
    readonly hostname: string,
    private readonly channel: ChannelCredentials = credentials.createInsecure(),
  ) {
    const pair = generateKeyPairSync('ed25519');
    this.#privateKey = pair.privateKey;
    this.machineKey = new Uint8Array(pair.publicKey.export({ format: 'der', type: 'spki' }).subarray(-32));
    this.client = this.#clientOf(grpcAddress);
  }

  /** Connects to another server from now on. */
  async move(grpcAddress: string): Promise<void> {
    await this.close();
    this.goodbye = undefined;
    this.failure = undefined;
    this.client = this.#clientOf(grpcAddress);
  }

  readonly sign = (bytes: Uint8Array): Uint8Array => new Uint8Array(sign(null, bytes, this.#privateKey));

  get nodeId(): string {
    return this.registration?.nodeId ?? '';
  }

  /** The names of the peers in the netmap, sorted. */
  get peers(): string[] {
    return [...this.netmap.values()].flatMap((item) => (item.kind === 'peer' ? [item.name] : [])).sort();
  }

  async register(authKey: string, more: Partial<RegisterClaim> = {}): Promise<Registration> {
    const claim = {
      machineKey: this.machineKey,
      nodeKey: this.nodeKey,
      hostname: this.hostname,
      os: 'linux',
      commandId: toHex(new Uint8Array(randomBytes(8))),
      tags: [],
      ephemeral: false,
      authKey,
      ...more,
    };
    this.registration = await this.client.register(claim, this.sign);
    return this.registration;
  }

  command(action: NodeAction, commandId = toHex(new Uint8Array(randomBytes(8)))): Promise<number> {
    return this.client.command({ nodeId: this.nodeId, commandId, action }, this.sign);
  }

  /** Opens a stream and follows it until it ends. */
  connect(): void {
    const call = this.client.stream();
    this.#call = call;
    this.#running = this.#follow(call);
  }

  /** Resolves when the condition holds; it is looked at after every message. */
  async until(condition: (agent: this) => boolean): Promise<void> {
    while (!condition(this)) await this.#changed.promise;
  }

  reportEndpoints(...endpoints: string[]): void {
    this.#call?.send({ kind: 'presence', report: { endpoints, os: 'linux', clientVersion: 'test' } });
  }

  /** Says that it takes letters. */
  takeLetters(...endpoints: string[]): void {
    this.#call?.send({
      kind: 'presence',
      report: { endpoints, os: 'linux', clientVersion: 'test', takesLetters: true },
    });
  }

  write(nodeId: string, text: string): void {
    this.#call?.send({ kind: 'letter', letter: { nodeId, content: utf8(text) } });
  }

  reportFlows(report: FlowReport): void {
    this.#call?.send({ kind: 'flows', report });
  }

  async disconnect(): Promise<void> {
    this.#call?.close();
    await this.#running;
  }

  async close(): Promise<void> {
    await this.disconnect();
    this.client.close();
  }

  async #follow(call: AgentCall): Promise<void> {
    try {
      for await (const message of call.messages) {
        if (message.kind === 'challenge' || message.kind === 'ping') this.servers = message.servers ?? this.servers;
        if (message.kind === 'challenge') this.#challenged(call, message);
        else if (message.kind === 'frame') this.#apply(call, message.frame);
        else if (message.kind === 'ping') call.send({ kind: 'pong', id: message.id });
        else if (message.kind === 'goodbye') this.goodbye = message;
        else if (message.kind === 'key-rotation-due') this.keyRotationsDue++;
        else if (message.kind === 'letter') this.letters.push(message.letter);
        else for (const peer of message.peers) this.presence.set(peer.nodeId, peer);
        this.#tick();
      }
    } catch (error) {
      this.failure = error instanceof NetfoldError ? error : undefined;
    }
    this.#tick();
  }

  #clientOf(grpcAddress: string): AgentClient {
    return new AgentClient(grpcAddress, this.channel, { 'grpc.use_local_subchannel_pool': 1 });
  }

  #tick(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }

  #challenged(call: AgentCall, { nonce, takesFlows = false }: Challenge): void {
    this.mayReportFlows = takesFlows;
    const streamNumber = ++this.#streams;
    const claim = { nonce, nodeId: this.nodeId, clientVersion: 'test', os: 'linux', streamNumber };
    call.send({
      kind: 'hello',
      hello: signHello(
        { ...claim, ...(this.resume && { resume: this.resume }), ...(this.ledger && { ledger: this.ledger }) },
        this.sign,
      ),
    });
  }

  #apply(call: AgentCall, frame: Frame): void {
    this.frames.push(frame);
    const base: Map<string, Item> = new Map(frame.snapshot ? [] : this.netmap);
    for (const key of frame.removed) base.delete(key);
    for (const item of frame.items) base.set(keyOf(item), item);
    this.netmap = base;
    const digest = digestOf(base, encodeItem);
    if (!equalBytes(digest, frame.digest)) throw new Error(`${this.hostname}: the digest does not agree`);
    this.resume = { epoch: frame.epoch, revision: frame.revision, digest };
    if (this.acknowledges) call.send({ kind: 'ack', revision: frame.revision, digest });
  }
}
