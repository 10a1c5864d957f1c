import { Client, type ClientDuplexStream, credentials } from '@grpc/grpc-js';
import { type Crypto, type KeyPair, newSigningKeyPair } from '#crypto';
import { newId, type Random } from '#kernel';
import {
  AgentClient,
  type AgentMessage,
  agentService,
  decodeServerMessage,
  encodeAgentMessage,
  signHello,
} from '#wire';
import { applyFrame, type HeldNetmap, nothingHeld } from '../../../apps/agent/src/netmap/held-netmap.js';
import { skimFrame } from './skim-frame.js';

/** Who hears of what agents have applied. */
export interface Listener {
  applied(agent: BenchAgent, bytes: number): void;
}

/** What an agent would resume from. */
type Held = Pick<HeldNetmap, 'epoch' | 'revision' | 'digest'>;

const CHANNEL = { 'grpc.use_local_subchannel_pool': 1, 'grpc.max_receive_message_length': 64 << 20 };

/**
 * An agent with a fake engine: it joins, follows its netmap and acknowledges; it moves no packets. Those that prove do
 * all that an agent does with a netmap; the others believe the digest that they are told, and give it back.
 */
export class BenchAgent {
  held: Held = nothingHeld;
  /** Whether this connection has brought a frame yet. */
  current = false;
  nodeId = '';
  #proven = nothingHeld;
  #call: ClientDuplexStream<Uint8Array, Uint8Array> | undefined;
  #client: Client | undefined;
  readonly #machine: KeyPair;

  constructor(
    private readonly name: string,
    private readonly proves: boolean,
    private readonly crypto: Crypto,
    private readonly random: Random,
    private readonly listener: Listener,
  ) {
    this.#machine = newSigningKeyPair(crypto, random);
  }

  async register(address: string, authKey: string): Promise<void> {
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
    const client = new AgentClient(address, credentials.createInsecure(), CHANNEL);
    this.nodeId = (await client.register(claim, this.#sign)).nodeId;
    client.close();
  }

  /** Follows the netmap from what it holds, on a connection of its own. */
  follow(address: string): void {
    const { path, requestSerialize, responseDeserialize } = agentService.stream;
    this.#client = new Client(address, credentials.createInsecure(), CHANNEL);
    const call = this.#client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize);
    this.#call = call;
    this.current = false;
    call.on('error', () => {}); // the server is killed on purpose; whoever misses a frame is waited for in vain
    call.on('data', (bytes: Uint8Array) => this.#receive(bytes));
  }

  hangUp(): void {
    this.#call?.cancel();
    this.#client?.close();
  }

  #receive(bytes: Uint8Array): void {
    const head = skimFrame(bytes);
    if (head) this.#take(bytes, head);
    else {
      const message = decodeServerMessage(bytes);
      if (message.kind === 'challenge') this.#greet(message.nonce);
      else if (message.kind === 'ping') this.#send({ kind: 'pong', id: message.id });
    }
  }

  #greet(nonce: Uint8Array): void {
    const { epoch, revision, digest } = this.held;
    const resume = epoch && { resume: { epoch, revision, digest } };
    const hello = { nonce, nodeId: this.nodeId, clientVersion: 'bench', os: 'linux', ...resume };
    this.#send({ kind: 'hello', hello: signHello(hello, this.#sign) });
  }

  #take(bytes: Uint8Array, head: Held): void {
    if (this.proves) {
      const message = decodeServerMessage(bytes);
      if (message.kind === 'frame') this.#proven = applyFrame(this.#proven, message.frame);
      this.held = this.#proven;
    } else this.held = head;
    this.current = true;
    this.#send({ kind: 'ack', revision: this.held.revision, digest: this.held.digest });
    this.listener.applied(this, bytes.length);
  }

  #send(message: AgentMessage): void {
    this.#call?.write(encodeAgentMessage(message));
  }

  readonly #sign = (bytes: Uint8Array): Uint8Array => this.crypto.sign(this.#machine.privateKey, bytes);
}
