import { NetfoldError, type Problem } from '#kernel';
import {
  type AgentCall,
  type FlowReport,
  type Frame,
  type Goodbye,
  type HelloClaim,
  type Letter,
  type ServerMessage,
  type SignWithMachineKey,
  signHello,
} from '#wire';
import type { LinkHandler } from './link-handler.js';

/** Who follows the netmap. */
export type LinkIdentity = Pick<HelloClaim, 'nodeId' | 'clientVersion' | 'os'> & {
  readonly sign: SignWithMachineKey;
  /** Higher than any before, of this run of the agent and earlier ones as far as its clock can tell. */
  nextStreamNumber?(): number;
};

/** A server that takes connections and says nothing is as good as none, after so many milliseconds. */
const CHALLENGE_PATIENCE_MS = 10_000;

/** One stream, from its challenge to its end. */
export class LinkSession {
  #connected = false;
  #takesFlows = false;
  /** Settled when all frames so far are acknowledged. */
  #applied: Promise<unknown> = Promise.resolve();
  #failure: unknown;

  constructor(
    readonly call: AgentCall,
    readonly identity: LinkIdentity,
    readonly handler: LinkHandler,
    readonly server: { answered?(): void; learn?(urls: readonly string[]): void },
  ) {}

  /** Whether the server has let this stream in. */
  get connected(): boolean {
    return this.#connected;
  }

  /** Whether the server has let this stream in, and wants to know of flows. */
  get takesFlows(): boolean {
    return this.#connected && this.#takesFlows;
  }

  /**
   * Serves the stream until it ends; the answer is the server's goodbye, when it said one.
   * @throws NetfoldError that the stream failed with
   */
  async run(): Promise<Goodbye | undefined> {
    const silence = setTimeout(() => this.#giveUp(), CHALLENGE_PATIENCE_MS);
    try {
      for await (const message of this.call.messages) {
        clearTimeout(silence);
        if (message.kind === 'goodbye') return message;
        this.#take(message);
      }
    } finally {
      clearTimeout(silence);
      this.call.close();
      await this.#applied;
    }
    if (this.#failure) throw this.#failure;
    return undefined;
  }

  /** Tells the server how this node can be reached. */
  report(): void {
    if (this.#connected) this.call.send({ kind: 'presence', report: this.handler.presence() });
  }

  /** Passes a letter on; without a connection it is lost. */
  write(letter: Letter): void {
    if (this.#connected) this.call.send({ kind: 'letter', letter });
  }

  /** Tells which flows there were; where nobody takes that, the report is lost. */
  reportFlows(report: FlowReport): void {
    if (this.takesFlows) this.call.send({ kind: 'flows', report });
  }

  #take(message: Exclude<ServerMessage, Goodbye>): void {
    if (message.kind === 'challenge' || message.kind === 'ping') this.#learn(message.servers);
    if (message.kind === 'challenge') {
      this.#takesFlows = message.takesFlows ?? false;
      this.#hello(message.nonce);
      return;
    }
    this.#confirm();
    if (message.kind === 'frame') this.#applied = Promise.all([this.#applied, this.#apply(message.frame)]);
    else if (message.kind === 'presence') this.handler.peers(message.peers);
    else if (message.kind === 'letter') this.handler.letter?.(message.letter);
    else if (message.kind === 'key-rotation-due') this.handler.keyRotationDue?.();
    else this.call.send({ kind: 'pong', id: message.id });
  }

  #learn(servers: readonly string[] | undefined): void {
    if (servers) this.server.learn?.(servers);
  }

  #giveUp(): void {
    this.#failure ??= silent();
    this.call.close();
  }

  #hello(nonce: Uint8Array): void {
    const { sign, nextStreamNumber, ...identity } = this.identity;
    const [resume, ledger] = [this.handler.resume(), this.handler.ledger()];
    const claim = {
      ...identity,
      nonce,
      ...(nextStreamNumber && { streamNumber: nextStreamNumber() }),
      ...(resume && { resume }),
      ...(ledger && { ledger }),
    };
    this.call.send({ kind: 'hello', hello: signHello(claim, sign) });
  }

  /** Whatever the server sends after its challenge shows that it took the hello. */
  #confirm(): void {
    if (this.#connected) return;
    this.#connected = true;
    this.server.answered?.();
    this.handler.connected();
    this.report();
  }

  async #apply(frame: Frame): Promise<void> {
    try {
      this.call.send({ kind: 'ack', ...(await this.handler.frame(frame)) });
    } catch (error) {
      this.#failure ??= error;
      this.call.close();
    }
  }
}

const silent = (): NetfoldError =>
  new NetfoldError({
    code: 'control.unreachable',
    message: `the control plane has said nothing for ${CHALLENGE_PATIENCE_MS / 1000} s`,
    hint: 'check that the server runs, and what is between',
  });

/** What a goodbye means to a person, when it is more than a pause. */
export function goodbyeProblem({ reason, problem }: Goodbye): Problem | undefined {
  if (problem) return problem;
  if (reason === 'removed')
    return new NetfoldError({
      code: 'agent.removed',
      message: 'this node was removed from the tailnet',
      hint: 'join again with: netfold up',
    });
  if (reason === 'replaced')
    return new NetfoldError({
      code: 'agent.replaced',
      message: 'another agent with the same keys took over',
      hint: 'do not copy a state directory: let every machine join by itself',
    });
  return undefined;
}
