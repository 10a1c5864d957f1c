import { type EventStore, type Head, isUnreadable, type StoredEvent } from '#event-store';
import { History, Names, type SnapshotPorts, StreamSnapshots } from '#history';
import { type Clock, type Problem, problemOf } from '#kernel';
import type { PersonKeys } from '#personal-data';
import { EventCodec, type TailnetState } from '#tailnet';
import { LedgerTree } from '../checkpoint/ledger-tree.js';
import type { Neighbours } from '../cluster/neighbours.js';
import { NetmapProjection, REMEMBERED } from '../netmap/netmap-projection.js';
import { PresenceDirectory } from '../presence/presence-directory.js';
import { LetterRelay } from '../stream/letter-relay.js';
import { StreamHub } from '../stream/stream-hub.js';
import { PausedTailnet, type StumblingBlock } from './paused-tailnet.js';
import { Replay } from './replay.js';
import { Stumbled } from './stumbled.js';
import { TailnetFold } from './tailnet-fold.js';
import type { TailnetObserver } from './tailnet-observer.js';
import { TailnetWriter } from './tailnet-writer.js';

/** What a tailnet needs of the process it lives in. */
export interface TailnetPorts {
  readonly store: EventStore;
  readonly people: PersonKeys;
  readonly neighbours: Neighbours;
  readonly clock: Clock;
  readonly snapshots: SnapshotPorts;
  /** What events look like in the ledger; as this release keeps them by default. */
  readonly codec?: EventCodec;
  readonly observer?: TailnetObserver;
  /** Told of what can only be a fault of this program. */
  readonly fault: (problem: Problem) => void;
}

/** A start may begin with a snapshot that is so many revisions old. */
const LATE = 50_000;

/** Agents that are sent to another server spread themselves over so many milliseconds. */
const ELSEWHERE_SPREAD_MS = 2_000;

const PREFIX = 'tailnet-';

/** The stream that is the ledger of a tailnet. */
export const streamOf = (tailnetId: string): string => PREFIX + tailnetId;

/** The tailnet whose ledger a stream is, if it is one. */
export const tailnetOf = (stream: string): string | undefined =>
  stream.startsWith(PREFIX) ? stream.slice(PREFIX.length) : undefined;

/** One tailnet in this process: its writer, and what the subscription keeps up to date about it. */
export class Tailnet {
  readonly stream: string;
  readonly fold = new TailnetFold();
  readonly tree = new LedgerTree();
  readonly netmaps = new NetmapProjection();
  readonly snapshots: StreamSnapshots;
  readonly history: History;
  readonly presence = new PresenceDirectory();
  readonly writer: TailnetWriter;
  readonly hub: StreamHub;
  readonly letters: LetterRelay;
  readonly #store: EventStore;
  readonly #fault: TailnetPorts['fault'];
  readonly #people: PersonKeys;
  readonly #observer: TailnetObserver | undefined;
  readonly #neighbours: Neighbours;
  #names = new Names();
  /** Of the newest snapshot. */
  #saved = -1;
  #forgetting: Promise<void> = Promise.resolve();
  #paused: PausedTailnet | undefined;

  constructor(
    readonly id: string,
    { store, people, neighbours, clock, snapshots, fault, codec = new EventCodec(), observer }: TailnetPorts,
  ) {
    this.stream = streamOf(id);
    this.#store = store;
    this.#fault = fault;
    this.#people = people;
    this.#observer = observer;
    this.snapshots = new StreamSnapshots(this.stream, snapshots);
    const present = () => this.fold.state;
    this.history = new History({ stream: this.stream, store, snapshots: this.snapshots, clock, present });
    this.writer = new TailnetWriter(this.stream, store, this.fold, people, clock, codec, (request, execute) =>
      observer ? observer.command(id, request, execute) : execute(request),
    );
    this.hub = new StreamHub(id, this.netmaps, this.presence, neighbours, clock);
    this.letters = new LetterRelay(this.netmaps, this.presence, {
      tailnetId: id,
      neighbours,
      clock,
      streamOf: (nodeId) => this.hub.streamOf(nodeId),
    });
    this.#neighbours = neighbours;
  }

  /** The names of everything that there is and was, as far as the subscription has come. */
  get names(): Names {
    return this.#names;
  }

  /** Resolves when this process knows nothing any more of the people who have been erased so far. */
  get forgotten(): Promise<void> {
    return this.#forgetting;
  }

  /**
   * Takes everything that is stored now, from the newest good snapshot on. Agents resume from the newest revisions as if
   * this process had been there when they came.
   */
  async catchUp(): Promise<void> {
    const { revision } = await this.#headOfStream();
    const standing = await this.snapshots.newest(revision - REMEMBERED);
    this.#saved = standing?.head.revision ?? -1;
    const replay = new Replay(this.#store, this.stream, revision, standing);
    const stumbled = await this.#replay(replay, revision);
    if (this.#stillNames(replay.state, standing?.state)) {
      await this.history.discard();
      return this.catchUp();
    }
    replay.settle();
    this.#adopt(replay);
    if (stumbled) this.pause(stumbled.event, stumbled);
  }

  /** @returns what it could not get past, if there is anything */
  async #replay(replay: Replay, revision: number): Promise<Stumbled | undefined> {
    try {
      await replay.to(revision, (event) => {
        this.tree.apply(event);
        return this.#snapshotOf(replay, revision);
      });
      return undefined;
    } catch (error) {
      if (error instanceof Stumbled) return error;
      throw error;
    }
  }

  /** One whose end cannot be read is read as far as that goes. */
  async #headOfStream(): Promise<Pick<Head, 'revision'>> {
    try {
      return await this.#store.head(this.stream);
    } catch (error) {
      if (isUnreadable(error)) return { revision: Number.MAX_SAFE_INTEGER };
      throw error;
    }
  }

  /** Nothing goes on behind this event: see `PausedTailnet`. */
  pause(event: StumblingBlock, reason: unknown): void {
    if (this.#paused) return;
    this.#paused = new PausedTailnet(this.stream, this.fold.head.revision, event, problemOf(reason));
    this.fold.fail(this.#paused);
    this.writer.stop(this.#paused);
    this.#fault(problemOf(this.#paused));
    this.#sendElsewhere(this.#paused);
  }

  /** Why it stands still, if it does. */
  get paused(): PausedTailnet | undefined {
    return this.#paused;
  }

  /**
   * Goes on from projections that were worked out beside these, and have come as far as these.
   * @param differences in which these were wrong. If there are any, the agents are sent to come back, and to be given
   * what is right; what was kept of the past is worked out again.
   */
  async replaceProjections(replay: Replay, differences: readonly string[]): Promise<void> {
    this.#adopt(replay);
    if (differences.length === 0) return;
    this.#fault({
      code: 'rebuild.differed',
      message: `what was served was not what the ledger says: ${differences.join(', ')}`,
      where: `${this.stream}@${replay.head.revision}`,
      hint: 'what the ledger says is served from now on; please report this with the log of the server',
    });
    this.#callBack();
    await this.history.discard();
  }

  #adopt({ state, head, names, netmaps }: Replay): void {
    this.#names = names;
    this.fold.adopt(state, head);
    this.netmaps.adopt(netmaps);
    this.writer.reconsider();
  }

  /** Another server may be able to read on; one that comes back here gets what there is. */
  #sendElsewhere(problem: Problem): void {
    let delay = 0;
    for (const stream of this.hub.streams) {
      stream.goodbye('behind', delay, problem);
      delay = (delay + 1) % ELSEWHERE_SPREAD_MS;
    }
  }

  /** What the agents were told is not what they would be told now: they come back for that. */
  #callBack(): void {
    for (const stream of this.hub.streams) stream.goodbye('draining', 0);
  }

  #erase(personId: string): void {
    const forgotten = this.#forgetting.then(() => this.#forget()).catch((error) => this.#fault(problemOf(error)));
    this.#forgetting = Promise.all([forgotten, this.#destroy(personId)]).then(() => {});
  }

  #destroy(personId: string): Promise<void> {
    return this.#people.erase(personId).catch((error) => this.#fault(problemOf(error)));
  }

  /** What was folded before a key was gone names the person still: all of it is folded again, without. */
  async #forget(): Promise<void> {
    await this.history.discard();
    const replay = new Replay(this.#store, this.stream, this.fold.head.revision);
    while (replay.head.revision < this.fold.head.revision) await replay.to(this.fold.head.revision);
    this.#adopt(replay);
    this.#callBack();
    await this.history.discard();
  }

  /** Whether a state was worked out, in part, before somebody was erased whom it says was: a crash came between the two. */
  #stillNames({ erased }: TailnetState, start: TailnetState | undefined): boolean {
    const left = erased.filter((personId) => this.#people.find(personId) !== undefined);
    for (const personId of left) void this.#destroy(personId);
    return left.size > 0 || (start !== undefined && !start.erased.equals(erased));
  }

  /**
   * Takes the next event of the stream: state, then netmaps, then the agents that it concerns. All that can fail comes
   * before anything changes.
   */
  apply(event: StoredEvent): void {
    const state = this.fold.after(event);
    const step = this.netmaps.next(event, state);
    const affected = this.hub.size > 0 ? [...step.affected()] : [];
    this.#names.apply(event);
    this.tree.apply(event);
    this.fold.apply(event, state);
    this.netmaps.apply(event, state, step);
    this.hub.changed({ before: step.before, affected: () => affected });
    this.#observer?.concerns(
      this.id,
      event,
      affected.flatMap((nodeId) => this.hub.streamOf(nodeId) ?? []),
    );
    if (event.type === 'NodeRemoved') this.#forgetPresence(String(event.data.nodeId));
    if (event.type === 'PersonErased') this.#erase(String(event.data.personId));
    if (!this.snapshots.busy)
      void this.#snapshotOf({ state: this.fold.state, head: this.fold.head, names: this.#names }, event.revision);
  }

  #forgetPresence(nodeId: string): void {
    if (this.presence.get(nodeId)) this.#neighbours.forgetPresence(this.id, nodeId);
    this.presence.delete(nodeId);
  }

  /** Saves a snapshot, when it is time for one. @param newest that there is; a start begins with one of the last only */
  #snapshotOf(
    { state, head, names }: Pick<Replay, 'state' | 'head' | 'names'>,
    newest: number,
  ): Promise<void> | undefined {
    if (!this.snapshots.isDue(head.revision - this.#saved)) return undefined;
    this.#saved = head.revision;
    const isLate = newest - head.revision < LATE;
    return this.snapshots.save({ head, state, ...(isLate && { names }) });
  }
}
