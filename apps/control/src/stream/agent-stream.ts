import { type Problem, problemOf } from '#kernel';
import { type Digest, isEmptyDiff, keyOf, type NetmapDiff, type Network, updateDigest } from '#netmap';
import {
  type Ack,
  encodeFrame,
  encodeItem,
  encodeServerMessage,
  type Goodbye,
  type LedgerHead,
  type Letter,
  type Resume,
} from '#wire';
import { AckWindow } from './ack-window.js';
import type { CheckpointSource } from './checkpoint-source.js';
import { LetterBox } from './letter-box.js';
import type { MessageSink } from './message-sink.js';
import type { NetmapSource } from './netmap-source.js';
import type { PresenceOutbox } from './presence-outbox.js';
import { resumePoint } from './resume-point.js';
import type { SentFrame } from './sent-frame.js';
import { countSent, type StreamCounters } from './stream-counters.js';

/** What an `AgentStream` tells the rest of the program. */
export interface StreamEvents {
  /** There is something to send, and the transport takes it. */
  ready(stream: AgentStream): void;
  /** The agent came back with the netmap of this revision. */
  resumed(stream: AgentStream, revision: number): void;
  /** A frame is on its way. */
  sent(stream: AgentStream, frame: SentFrame): void;
  /** The agent holds the netmap of this revision, and of all before it. */
  applied(stream: AgentStream, revision: number): void;
  /** The agent's netmap was not what it should be: a fault on one side, which a snapshot repairs. */
  alarm(stream: AgentStream, what: string, problem?: Problem): void;
}

/** A netmap, as revision and digest name it. */
interface Told {
  readonly revision: number;
  readonly digest: Digest;
}

/** After so many netmaps in a row that the agent could not take, the stream ends. */
const MAX_REFUSALS = 3;
const REFUSED_RETRY_MS = 60_000;

/**
 * One agent's netmap on its way. It owns no queue: it knows what was sent and whether there is anything newer. At most
 * one message is with the transport; when that has left, a slow agent gets one step to the newest netmap, whatever
 * happened in between.
 */
export class AgentStream {
  readonly #window = new AckWindow();
  readonly #letters = new LetterBox();
  /** What the agent was last told that it has; undefined: nothing to build on. */
  #told: Told | undefined;
  /** Where the next diff starts: a network whose view is what the agent was told. Kept only while there is one to send. */
  #from: Network | undefined;
  /** The size of the ledger that the agent was told of last; 0: of none that this server has. */
  #ledgerSize = 0;
  #dirty = true;
  /** Of the newest network that the agent's netmap was compared with. */
  #lookedAt = -1;
  #appliedRevision = -1;
  #greeted = false;
  #sending = false;
  #ended = false;
  #refusals = 0;

  constructor(
    readonly nodeId: string,
    private readonly source: NetmapSource,
    private readonly sink: MessageSink,
    private readonly outbox: PresenceOutbox,
    private readonly events: StreamEvents,
    private readonly counters: StreamCounters,
    /** Signs what the agent is told; without it, nothing is signed. */
    private readonly checkpoints?: CheckpointSource,
  ) {}

  /** The newest revision that the agent is known to have applied; -1 before the first. */
  get appliedRevision(): number {
    return this.#appliedRevision;
  }

  get unacknowledged(): number {
    return this.#window.size;
  }

  /** Whether something newer waits for the agent. */
  get behind(): boolean {
    return this.#dirty;
  }

  /** Starts from what the agent says it has. Its first frame follows in any case. */
  open(resume: Resume | undefined, ledger?: LedgerHead, former?: Network): void {
    this.#startLedger(ledger);
    const point = resumePoint(this.source, this.nodeId, resume, former);
    if (point.kind === 'known' && resume) {
      this.#from = point.network;
      this.#told = { revision: resume.revision, digest: point.digest };
      this.counters.resumed += 1;
      this.events.resumed(this, resume.revision);
    } else if (point.kind === 'disagrees') {
      this.counters.resumesRefused += 1;
      this.events.alarm(this, `it says that it holds another netmap of revision ${resume?.revision} than it was sent`);
    } else this.counters.fresh += 1;
    this.events.ready(this);
  }

  /** An agent that knows another ledger is not led on from it: it finds out by itself that no proof does. */
  #startLedger(ledger: LedgerHead | undefined): void {
    if (!ledger || !this.checkpoints) return;
    if (this.checkpoints.hasBeen(ledger)) this.#ledgerSize = ledger.size;
    else this.events.alarm(this, `it was told of another ledger of ${ledger.size} events than this server has`);
  }

  /** The agent's netmap may have changed; until `before`, it had not. */
  touch(before: Network): void {
    if (!this.#dirty) this.#from = before;
    this.#dirty = true;
    this.#wake();
  }

  /** Somebody whom the agent may see came, went or moved. */
  touchPresence(nodeId: string): void {
    this.outbox.add(nodeId);
    this.#wake();
  }

  /** Another node has written to this one. */
  deliver(letter: Letter): void {
    if (this.#letters.add(letter)) this.#wake();
  }

  /** Sends what there is to send, if the transport takes it. */
  flush(): void {
    if (this.#sending || this.#ended) return;
    if (this.#dirty && !this.#window.full) this.#sendFrame();
    if (this.#sending || this.#ended || !this.#greeted) return;
    const presence = this.outbox.take();
    const next = presence ?? this.#letters.take();
    if (next) this.#send(next, presence ? 'presence' : 'letter');
  }

  acknowledge(ack: Ack): void {
    const verdict = this.#window.acknowledge(ack.revision, ack.digest);
    if (verdict === 'stale') return;
    if (verdict === 'disagreed') this.#startOver(ack.problem);
    else if (ack.problem) this.#notInForce(ack.problem);
    else {
      this.#refusals = 0;
      this.#applied(ack.revision);
    }
    this.#wake();
  }

  /** Asks whether the agent is there, if the transport is free. @param servers where else it may connect, if that is news */
  ping(id: number, servers?: readonly string[]): boolean {
    if (this.#sending || this.#ended) return false;
    this.#send(encodeServerMessage({ kind: 'ping', id, ...(servers && { servers }) }), 'control');
    return true;
  }

  /** Asks the node to replace its key; whoever asks asks again until it has. */
  askForKeyRotation(): void {
    if (this.#sending || this.#ended || !this.#greeted) return;
    this.#send(encodeServerMessage({ kind: 'key-rotation-due' }), 'control');
  }

  /** Ends the stream with a word. */
  goodbye(reason: Goodbye['reason'], retryAfter: number, problem?: Problem): void {
    if (this.#ended) return;
    this.#ended = true;
    this.sink.send(encodeServerMessage({ kind: 'goodbye', reason, retryAfter, ...(problem && { problem }) }), () => {});
    this.sink.end();
  }

  /** Ends the stream, and sends the agent to other servers, of which it may not have heard yet. */
  sendAway(retryAfter: number, servers: readonly string[]): void {
    if (this.#ended) return;
    if (servers.length > 0) this.sink.send(encodeServerMessage({ kind: 'ping', id: 0, servers }), () => {});
    this.goodbye('draining', retryAfter);
  }

  /** What this agent is to be sent cannot be made: its stream ends, and the agent comes back for a whole netmap. */
  failed(error: unknown): void {
    const problem = problemOf(error);
    this.events.alarm(this, `its netmap cannot be sent: ${problem.message}`);
    this.goodbye('unspecified', REFUSED_RETRY_MS, problem);
  }

  /** The transport is gone. */
  close(): void {
    this.#ended = true;
  }

  /** Once nothing is under way, what the agent has is right up to the network that was looked at last. */
  #applied(revision: number): void {
    const upTo = this.#window.size === 0 ? this.#lookedAt : revision;
    this.events.applied(this, upTo);
    this.#appliedRevision = upTo;
  }

  #wake(): void {
    if (!this.#sending && !this.#ended) this.events.ready(this);
  }

  #sendFrame(): void {
    const { latest } = this.source;
    const [from, told] = [this.#from, this.#told];
    this.#dirty = false;
    this.#from = undefined;
    this.#lookedAt = latest.revision;
    if (from && told) this.#sendDiff(from, told, latest);
    else this.#sendSnapshot(latest);
    if (this.#window.size === 0) this.#applied(latest.revision);
    if (!latest.nodes.has(this.nodeId)) this.goodbye('removed', 0);
  }

  #sendSnapshot(latest: Network): void {
    const upserted = [...this.source.view(latest, this.nodeId).values()].map((after) => ({ after }));
    this.counters.snapshots += 1;
    this.#frame(latest, undefined, { removed: [], upserted }, this.source.digest(latest, this.nodeId));
  }

  #sendDiff(from: Network, told: Told, latest: Network): void {
    const diff = this.source.diff(from, this.nodeId);
    // Some of the affected are not. But the first frame tells the agent that it is up to date, changes or none.
    if (isEmptyDiff(diff) && this.#greeted) return;
    this.counters.diffs += 1;
    this.#frame(latest, told, diff, updateDigest(told.digest, diff, encodeItem));
  }

  /** @param told what the frame builds on; undefined in a snapshot */
  #frame({ revision }: Network, told: Told | undefined, diff: NetmapDiff, digest: Digest): void {
    const { cause, epoch } = this.source;
    const header = {
      epoch,
      revision,
      baseRevision: told?.revision ?? 0,
      digest,
      snapshot: told === undefined,
      removed: diff.removed.map(keyOf),
      ...(cause && { cause }),
    };
    const why = told === undefined ? 'snapshot' : this.#greeted ? (cause?.type ?? 'unknown') : 'resume';
    this.#told = { revision, digest };
    this.#window.add(revision, digest);
    if (!this.#greeted && told) this.#noteAllVisible();
    this.#greeted = true;
    this.#noteVisible(diff);
    const items = diff.upserted.map(({ after }) => encodeItem(after));
    const step = this.checkpoints?.since(this.#ledgerSize);
    if (step) this.#ledgerSize = step.size;
    const message = encodeFrame(header, items, step?.encoded);
    this.events.sent(this, { revision, base: told?.revision, diff, bytes: message.length });
    this.#send(message, why);
  }

  /** Who comes into sight is to be told of, and who goes out of sight is not. */
  #noteVisible({ removed, upserted }: NetmapDiff): void {
    for (const item of removed) if (item.kind === 'peer') this.outbox.delete(item.id);
    for (const { before, after } of upserted) if (!before && after.kind === 'peer') this.outbox.add(after.id);
  }

  /** An agent that comes back has its peers, but has heard nothing of them for a while. */
  #noteAllVisible(): void {
    for (const peer of this.source.peers(this.source.latest, this.nodeId)) this.outbox.add(peer);
  }

  /**
   * The agent has its netmap, and its machine does not do all that it says: one bad peer is enough. Sending it again
   * would not help, and what comes next must reach the agent all the same.
   */
  #notInForce(problem: Problem): void {
    this.counters.netmapsRefused += 1;
    this.counters.notInForce += 1;
    this.events.alarm(this, 'its netmap is not in force as a whole', problem);
  }

  /** The agent does not have what it should: from now on, it has nothing. */
  #startOver(problem: Problem | undefined): void {
    this.counters.netmapsRefused += 1;
    this.events.alarm(this, 'it could not apply its netmap, or got another result', problem);
    this.#refusals += 1;
    if (this.#refusals >= MAX_REFUSALS) {
      this.goodbye('unspecified', REFUSED_RETRY_MS, {
        code: 'netmap.refused',
        message: `${this.nodeId} could not apply its netmap ${MAX_REFUSALS} times in a row`,
        hint: 'see the log of the agent, and update it',
      });
    }
    this.#window.clear();
    this.#told = undefined;
    this.#dirty = true;
  }

  #send(message: Uint8Array, cause: string): void {
    this.#sending = true;
    countSent(this.counters, cause, message.length);
    this.sink.send(message, () => {
      this.#sending = false;
      if (this.#dirty || this.outbox.size > 0 || this.#letters.size > 0) this.#wake();
    });
  }
}
