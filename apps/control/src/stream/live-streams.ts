import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Network } from '#netmap';
import type { HelloClaim } from '#wire';
import type { Notary } from '../checkpoint/notary.js';
import type { StreamWitness } from '../delivery/stream-witness.js';
import type { Witnesses } from '../delivery/witnesses.js';
import type { Tailnet } from '../tailnet/tailnet.js';
import { AgentStream, type StreamEvents } from './agent-stream.js';
import { FlushQueue } from './flush-queue.js';
import type { MessageSink } from './message-sink.js';
import { PresenceOutbox } from './presence-outbox.js';
import { newStreamCounters, type StreamCounters } from './stream-counters.js';
import type { StreamObserver } from './stream-observer.js';

/** Agents that come back after a restart spread themselves over so many milliseconds. */
const RESTART_SPREAD_MS = 2_000;
/** Agents that go to another server were told one after the other. */
const MOVE_SPREAD_MS = 500;
/** So many agents are sent away at once, and the next a moment later: ten thousand of them within five seconds. */
const PER_ROUND = 32;
const ROUND_MS = 50;
const MOST_ROUNDS = 100;

/** All agents' streams of this process. */
export class LiveStreams {
  readonly counters: StreamCounters = newStreamCounters();
  readonly #queue = new FlushQueue();
  readonly #tailnets = new Set<Tailnet>();
  #draining = false;
  readonly #witnessOf = new WeakMap<AgentStream, StreamWitness>();

  constructor(
    private readonly notary: Notary,
    private readonly witnesses: Witnesses,
    private readonly logger: Logger,
    private readonly observer: StreamObserver,
  ) {}

  /**
   * Begins to send an agent its netmap. The agent has proven that it is this node.
   * @param former see `formerNetwork`
   */
  open(tailnet: Tailnet, hello: HelloClaim, sink: MessageSink, former?: Network): AgentStream {
    this.#tailnets.add(tailnet);
    const witness = this.witnesses.open(tailnet.id, hello.nodeId);
    const events: StreamEvents = {
      ready: (stream) => this.#queue.add(stream),
      resumed: (_, revision) => witness.resumed(revision),
      sent: (stream, frame) => {
        witness.sent(frame);
        this.observer.sent(tailnet.id, stream, frame);
      },
      applied: (stream, revision) => {
        witness.applied(revision);
        this.observer.applied(tailnet.id, stream, revision);
      },
      alarm: (stream, what, problem) =>
        this.logger.warn({ alarm: 'netmap', tailnet: tailnet.id, node: stream.nodeId, problem }, what),
    };
    const outbox = new PresenceOutbox(tailnet.presence);
    const notary = this.notary.of(tailnet);
    const stream = new AgentStream(hello.nodeId, tailnet.netmaps, sink, outbox, events, this.counters, notary);
    this.#witnessOf.set(stream, witness);
    const { nodeId, clientVersion, os } = hello;
    this.logger.debug({ tailnet: tailnet.id, node: nodeId, clientVersion, os }, 'an agent connects');
    tailnet.hub.add(stream, hello.streamNumber);
    stream.open(hello.resume, hello.ledger, former);
    return stream;
  }

  /** The transport of a stream is gone. */
  closed(tailnet: Tailnet, stream: AgentStream): void {
    this.#queue.delete(stream);
    tailnet.hub.remove(stream);
    this.observer.left(tailnet.id, stream);
    const witness = this.#witnessOf.get(stream);
    if (witness) this.witnesses.closed(tailnet.id, witness);
  }

  /** Whether agents are sent elsewhere. */
  get draining(): boolean {
    return this.#draining;
  }

  /**
   * Sends everybody away, a few at a time, with a word on when to come back. Resolves when all have been told.
   * @param servers where to; if there is none, they come back when this one is there again
   */
  async drain(servers: readonly string[]): Promise<void> {
    this.#draining = true;
    const streams = [...this.#tailnets].flatMap(({ hub }) => [...hub.streams]);
    const rounds = Math.min(MOST_ROUNDS, Math.ceil(streams.length / PER_ROUND));
    const spread = servers.length > 0 ? MOVE_SPREAD_MS : RESTART_SPREAD_MS;
    for (let round = 0; round < rounds; round++) {
      if (round > 0) await sleep(ROUND_MS);
      for (let i = round; i < streams.length; i += rounds) streams[i]?.sendAway(jitter(spread), servers);
    }
    for (const { hub } of this.#tailnets) hub.close();
  }
}

const jitter = (most: number): number => Math.floor(Math.random() * most);
