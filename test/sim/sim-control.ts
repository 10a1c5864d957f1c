import { NativeCrypto } from '#crypto/native';
import { type Actor, EMPTY_HEAD, type Head, headAfter, type LedgerEvent, ledgerOrigin } from '#event-store';
import { err, ok, type Problem, type Result, toBase64 } from '#kernel';
import { noteSigner } from '#merkle';
import type { ConnectionEnd, ConnectionListener, Dice, Scheduler } from '#sim';
import { initialState, type Rejection, type TailnetCommand, type TailnetState } from '#tailnet';
import {
  decodeAgentMessage,
  decodeHelloClaim,
  encodeServerMessage,
  type HelloClaim,
  type NodeAction,
  type PeerPresence,
} from '#wire';
import { LedgerTree } from '../../apps/control/src/checkpoint/ledger-tree.js';
import { TailnetNotary } from '../../apps/control/src/checkpoint/tailnet-notary.js';
import { NetmapProjection, type NetmapStep } from '../../apps/control/src/netmap/netmap-projection.js';
import { AgentStream } from '../../apps/control/src/stream/agent-stream.js';
import type { MessageSink } from '../../apps/control/src/stream/message-sink.js';
import { PresenceOutbox } from '../../apps/control/src/stream/presence-outbox.js';
import { newStreamCounters } from '../../apps/control/src/stream/stream-counters.js';
import { decideBatch } from '../../apps/control/src/tailnet/decide-batch.js';

const STREAM = 'tailnet-sim';
/** When the simulated time begins, on the wall clock. */
export const START = Date.UTC(2026, 10, 23);
/** Signs the ledger. */
const SIGNER = noteSigner(new NativeCrypto(), ledgerOrigin(STREAM), new Uint8Array(32).fill(1));
const SYSTEM: Actor = { kind: 'system', id: 'sim' };

/** A stream, and the connection that it goes over. */
interface Served {
  readonly stream: AgentStream;
  readonly end: ConnectionEnd<Uint8Array>;
}

/**
 * The control plane without its process: the real decisions, netmaps, streams and frames, on simulated connections. It
 * remembers the state at every revision, for the referee.
 */
export class SimControl {
  readonly events: LedgerEvent[] = [];
  /** After each of the events. */
  readonly states: TailnetState[] = [];
  readonly counters = newStreamCounters();
  /** What agents and control plane disagreed about: there is nothing to disagree about. */
  readonly alarms: string[] = [];
  state: TailnetState = initialState;
  /** A fault to plant: whom an event concerns, and nobody tells. */
  forgets: (nodeId: string, event: LedgerEvent) => boolean = () => false;
  /** A fault to plant: what somebody has made of an event by the next start. */
  rewrites: (event: LedgerEvent) => LedgerEvent = (event) => event;
  #head: Head = EMPTY_HEAD;
  #tree = new LedgerTree();
  #notary = new TailnetNotary(this.#tree, SIGNER);
  #netmaps = new NetmapProjection();
  #presence = new Map<string, PeerPresence>();
  readonly #served = new Map<string, Served>();
  readonly #ready = new Set<AgentStream>();
  /** Node → the newest revision that it was ever known to have applied. */
  readonly #applied = new Map<string, number>();
  #serial = 0;

  constructor(
    readonly scheduler: Scheduler,
    readonly dice: Dice,
  ) {}

  get epoch(): Uint8Array {
    return this.#netmaps.epoch;
  }

  /** The newest revision that the node is known to have applied; -1 before the first. */
  appliedBy(nodeId: string): number {
    return this.#applied.get(nodeId) ?? -1;
  }

  /** Whether every connected node has acknowledged the newest of what concerns it. */
  get settled(): boolean {
    return [...this.#served.values()].every(({ stream }) => !stream.behind && stream.unacknowledged === 0);
  }

  isConnected(nodeId: string): boolean {
    return this.#served.has(nodeId);
  }

  /** Decides a command and stores what it causes; all whom it concerns are told. */
  execute(command: TailnetCommand, actor: Actor = SYSTEM, id = `c${this.#serial++}`): Result<number, Rejection> {
    const now = START + this.scheduler.now;
    const batch = decideBatch(STREAM, this.state, this.#head, [{ id, actor, command }], now, (draft) => draft);
    const result = batch.answers[0]?.result;
    if (!result) throw new Error('one request has one answer');
    if (!result.ok) return err(result.error);
    const events = batch.steps.map(({ event }) => event);
    this.#head = headAfter(this.#head, events);
    for (const { event, state } of batch.steps) {
      this.events.push(event);
      this.states.push(state);
      this.state = state;
      this.#tree.apply(event);
      this.#publish(event, this.#netmaps.apply({ ...event, position: event.revision }, state));
    }
    return ok(result.value.revision);
  }

  /** What a node asks for itself. */
  executeFor(nodeId: string, action: NodeAction, id: string): Result<number, Rejection> {
    return this.execute(commandFor(nodeId, action), { kind: 'node', id: nodeId }, id);
  }

  /** Ends all streams, forgets all but the ledger, and starts on that. */
  restart(): void {
    for (const { stream, end } of this.#served.values()) {
      stream.goodbye('draining', this.dice.below(500));
      stream.close();
      end.end();
    }
    this.#served.clear();
    this.#ready.clear();
    this.#tree = new LedgerTree();
    this.#notary = new TailnetNotary(this.#tree, SIGNER);
    this.#netmaps = new NetmapProjection();
    this.#presence = new Map<string, PeerPresence>();
    for (const [i, event] of this.events.entries()) {
      this.#tree.apply(this.rewrites(event));
      this.#netmaps.apply({ ...event, position: i }, this.states[i] ?? initialState);
    }
  }

  /** Takes a connection of an agent. @param endpoints where others reach its machine */
  accept(end: ConnectionEnd<Uint8Array>, endpoints: () => readonly string[]): ConnectionListener<Uint8Array> {
    const nonce = this.dice.bytes(32);
    let stream: AgentStream | undefined;
    end.send(encodeServerMessage({ kind: 'challenge', nonce }));
    return {
      received: (bytes) => {
        const message = decodeAgentMessage(bytes);
        if (message.kind === 'hello') {
          const hello = decodeHelloClaim(message.hello.claim);
          if (this.state.nodes.has(hello.nodeId)) stream = this.#open(hello, end, endpoints());
          else end.end();
        } else if (message.kind === 'ack') stream?.acknowledge(message);
      },
      ended: () => stream && this.#left(stream),
    };
  }

  #open(hello: HelloClaim, end: ConnectionEnd<Uint8Array>, endpoints: readonly string[]): AgentStream {
    const { nodeId } = hello;
    const events = {
      ready: (stream: AgentStream) => this.#schedule(stream),
      resumed: () => {},
      sent: () => {},
      applied: (stream: AgentStream, revision: number) => {
        this.#applied.set(stream.nodeId, Math.max(revision, this.appliedBy(stream.nodeId)));
      },
      alarm: (stream: AgentStream, what: string, problem?: Problem) => {
        this.alarms.push(`${stream.nodeId}: ${what}${problem ? ` (${problem.code}: ${problem.message})` : ''}`);
      },
    };
    const outbox = new PresenceOutbox(this.#presence);
    const stream = new AgentStream(nodeId, this.#netmaps, sinkOf(end), outbox, events, this.counters, this.#notary);
    const older = this.#served.get(nodeId);
    this.#served.set(nodeId, { stream, end });
    older?.stream.goodbye('replaced', 0);
    stream.open(hello.resume, hello.ledger);
    this.#presence.set(nodeId, { nodeId, online: true, endpoints, lastSeen: START + this.scheduler.now });
    const { latest } = this.#netmaps;
    for (const peer of this.#netmaps.peers(latest, nodeId)) this.#served.get(peer)?.stream.touchPresence(nodeId);
    return stream;
  }

  #left(stream: AgentStream): void {
    stream.close();
    if (this.#served.get(stream.nodeId)?.stream === stream) this.#served.delete(stream.nodeId);
  }

  #publish(event: LedgerEvent, { before, affected }: NetmapStep): void {
    for (const nodeId of affected()) {
      if (!this.forgets(nodeId, event)) this.#served.get(nodeId)?.stream.touch(before);
    }
  }

  #schedule(stream: AgentStream): void {
    if (this.#ready.has(stream)) return;
    this.#ready.add(stream);
    this.scheduler.after(1, () => {
      if (this.#ready.delete(stream)) stream.flush();
    });
  }
}

const sinkOf = (end: ConnectionEnd<Uint8Array>): MessageSink => ({
  send: (message, sent) => end.send(message, sent),
  end: () => end.end(),
});

function commandFor(nodeId: string, action: NodeAction): TailnetCommand {
  switch (action.kind) {
    case 'rotate-key':
      return { type: 'RotateKey', data: { nodeId, nodeKey: toBase64(action.nodeKey) } };
    case 'advertise-routes':
      return { type: 'AdvertiseRoutes', data: { nodeId, prefixes: action.prefixes } };
    case 'set-hostname':
      return { type: 'SetHostname', data: { nodeId, hostname: action.hostname, os: 'linux' } };
    case 'logout':
      return { type: 'ExpireNode', data: { nodeId } };
  }
}
