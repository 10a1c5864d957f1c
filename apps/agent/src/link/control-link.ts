import { problemOf } from '#kernel';
import type { AgentCall, FlowReport, Goodbye, Letter } from '#wire';
import type { Backoff } from './backoff.js';
import type { LinkHandler } from './link-handler.js';
import { goodbyeProblem, type LinkIdentity, LinkSession } from './link-session.js';

/** Resolves after some milliseconds, or when the signal aborts. */
export type Pause = (milliseconds: number, signal: AbortSignal) => Promise<void>;

/** The servers that a stream may be opened to; where there is only one, that is all there is to it. */
export interface LinkServers {
  /** Opens a stream to the one that is used now. */
  stream(): AgentCall;
  /** It answers. */
  answered?(): void;
  /** It says where else to connect. */
  learn?(urls: readonly string[]): void;
  /** Turns to another one, if there is one. */
  next?(): void;
}

/** Keeps a stream to the control plane open: a new one after each that ends, after a pause that grows. */
export class ControlLink {
  readonly #stop = new AbortController();
  #hurry = new AbortController();
  #session: LinkSession | undefined;

  constructor(
    readonly servers: LinkServers,
    readonly identity: LinkIdentity,
    readonly handler: LinkHandler,
    readonly backoff: Backoff,
    readonly pause: Pause,
  ) {}

  /** Works until `close`, or until the server says that the node is removed. */
  async run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const goodbye = await this.#attempt();
      if (goodbye?.reason === 'removed' || this.#stop.signal.aborted) return;
      if (isForAnother(goodbye)) this.servers.next?.();
      this.#hurry = new AbortController();
      const woken = AbortSignal.any([this.#stop.signal, this.#hurry.signal]);
      await this.pause((goodbye?.retryAfter ?? 0) + this.backoff.next(), woken);
    }
  }

  /** Something about this node's endpoints has changed. */
  report(): void {
    this.#session?.report();
  }

  /** Writes to another node; without a connection the letter is lost. */
  write(letter: Letter): void {
    this.#session?.write(letter);
  }

  /** Whether there is a connection to a server that wants to know of flows. */
  get takesFlows(): boolean {
    return this.#session?.takesFlows ?? false;
  }

  /** Tells which flows there were; where nobody takes that, the report is lost. */
  reportFlows(report: FlowReport): void {
    this.#session?.reportFlows(report);
  }

  /** Resolves when all that was sent is on its way; perhaps never. */
  async flushed(): Promise<void> {
    await this.#session?.call.flushed();
  }

  /** Begins anew at once: what stood in the way is gone. */
  retry(): void {
    this.backoff.reset();
    this.#session?.call.close();
    this.#hurry.abort();
  }

  close(): void {
    this.#stop.abort();
    this.#session?.call.close();
  }

  /** One stream; failures are told to the handler, never thrown. */
  async #attempt(): Promise<Goodbye | undefined> {
    const session = new LinkSession(this.servers.stream(), this.identity, this.handler, this.servers);
    this.#session = session;
    try {
      const goodbye = await session.run();
      if (session.connected) this.backoff.reset();
      this.handler.disconnected(goodbye && goodbyeProblem(goodbye));
      return goodbye;
    } catch (error) {
      const problem = problemOf(error);
      // What cannot be read today cannot be read a moment later: only a lost connection is worth a quick return.
      if (session.connected && problem.code === 'control.unreachable') this.backoff.reset();
      this.handler.disconnected(problem);
      return undefined;
    } finally {
      this.#session = undefined;
    }
  }
}

/** A stream that broke, and one whose server says so, is followed by one to another server. */
const isForAnother = (goodbye: Goodbye | undefined): boolean =>
  goodbye === undefined || goodbye.reason === 'draining' || goodbye.reason === 'behind';
