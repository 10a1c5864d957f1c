import { setImmediate as nextTurn } from 'node:timers/promises';
import { type EventStore, type Head, verifyChain } from '#event-store';
import { type JsonValue, NetfoldError, type Problem, problemOf } from '#kernel';
import { freeze, type Piece, SNAPSHOT_VERSION, type TailnetState, thaw } from '#tailnet';
import { Names } from '../names.js';
import { type OpenedSnapshot, openSnapshot, type SnapshotHeader, sealSnapshot } from './seal-snapshot.js';
import type { SnapshotCache, SnapshotPart } from './snapshot-cache.js';
import { SPACING, type Spacing } from './spacing.js';

/** What snapshots need of the process. */
export interface SnapshotPorts {
  readonly cache: SnapshotCache;
  /** 32 bytes that only this server knows. */
  readonly secret: Uint8Array;
  /** The release of netfold: another one may understand the same events in another way. */
  readonly release: string;
  /** The ledger as it is kept, whose hashes its events have. */
  readonly kept: EventStore;
  /** Told of snapshots that are not used, and of what could not be written. */
  readonly report: (problem: Problem) => void;
  /** By default as measured. */
  readonly spacing?: Spacing;
}

/** A tailnet at one revision, and the event that this is after. */
export interface Checkpoint {
  readonly head: Head;
  readonly state: TailnetState;
}

/** Everything that a start needs. */
export interface Standing extends Checkpoint {
  readonly names: Names;
}

/** Of so many snapshots, the newest ones, a start could begin. */
const STARTS = 2;
/** Pieces of a state that are written without a pause. */
const STRIDE = 4;

/**
 * The snapshots of one stream: a cache. One that is damaged, that another program wrote, or that is not about this
 * ledger, is reported, removed and never used; it comes back when the ledger is folded again.
 */
export class StreamSnapshots {
  readonly #codec: string;
  readonly #spacing: Spacing;
  /** Of those with a state, ascending. */
  #revisions: number[] | undefined;
  readonly #clocks = new Map<number, number>();
  #bytes = 0;
  #saving: Promise<void> | undefined;
  /** Goes up when all is discarded: what was begun before may not come after. */
  #generation = 0;

  constructor(
    private readonly stream: string,
    private readonly ports: SnapshotPorts,
  ) {
    this.#spacing = ports.spacing ?? SPACING;
    this.#codec = `${SNAPSHOT_VERSION} of ${ports.release}`;
  }

  /** The revisions that there are snapshots of, ascending. */
  async revisions(): Promise<readonly number[]> {
    this.#revisions ??= [...(await this.#listed('state'))];
    return this.#revisions;
  }

  /** Whether a state should be saved that comes so many events after the last one that was. */
  isDue(tail: number): boolean {
    return this.#spacing.isDue(tail, this.#bytes);
  }

  /** Whether a snapshot is to be preferred to a state that is at hand, and so many events older. */
  saves(events: number): boolean {
    return events > this.#spacing.thaw;
  }

  /** Saves a state, and with `names` all that a start needs; one at a time. Never rejects: it is only a cache. */
  save(standing: Checkpoint & Partial<Pick<Standing, 'names'>>): Promise<void> {
    const names = standing.names && [...standing.names.freeze()]; // they will have changed by then
    const before = this.#saving ?? Promise.resolve();
    const saving = before
      .then(() => this.#save(standing, names))
      .finally(() => {
        if (this.#saving === saving) this.#saving = undefined;
      });
    this.#saving = saving;
    return saving;
  }

  /** Resolves when nothing is being saved. */
  async idle(): Promise<void> {
    while (this.#saving) await this.#saving;
  }

  /** Whether something is being saved. */
  get busy(): boolean {
    return this.#saving !== undefined;
  }

  /**
   * The newest snapshot that a start can begin with.
   * @param wanted one that is not newer than this, if there is any
   */
  async newest(wanted: number): Promise<Standing | undefined> {
    const starts = [...(await this.#listed('rest'))].reverse();
    for (const revision of [...starts.filter((one) => one <= wanted), ...starts.filter((one) => one > wanted)]) {
      const rest = await this.#load(revision, 'rest', readRest);
      const checkpoint = rest && (await this.checkpoint(revision));
      if (rest && checkpoint) {
        const { head, state } = checkpoint;
        return { head, names: rest.names, state: { ...state, outcomes: rest.state.outcomes } };
      }
    }
    return undefined;
  }

  /** The state at a revision, without the commands that were carried out; undefined when there is no good snapshot of it. */
  checkpoint(revision: number): Promise<Checkpoint | undefined> {
    return this.#load(revision, 'state', async ({ header, lines }) => ({
      head: { revision, hash: header.hash },
      state: thaw((await lines()).map(pieceOf)),
    }));
  }

  /** When the state at a revision was recorded; undefined when there is no good snapshot of it. */
  async clock(revision: number): Promise<number | undefined> {
    return this.#clocks.get(revision) ?? this.#load(revision, 'state', async ({ header }) => header.recordedAt);
  }

  /** Removes them all, with what they say about people. */
  async discard(): Promise<void> {
    this.#generation += 1;
    await this.idle();
    this.#revisions = [];
    this.#clocks.clear();
    await this.ports.cache.discard(this.stream);
  }

  async #save(standing: Checkpoint, names: readonly JsonValue[] | undefined): Promise<void> {
    const { revision, hash } = standing.head;
    const about = { stream: this.stream, revision, hash, codec: this.#codec, recordedAt: standing.state.recordedAt };
    const generation = this.#generation;
    try {
      const { state, rest } = await linesOf(standing.state);
      const bytes = await sealSnapshot({ ...about, part: 'state' }, state, this.ports.secret);
      if (generation !== this.#generation) return;
      // The state first: a start looks for the rest.
      await this.ports.cache.write({ ...about, part: 'state' }, bytes);
      this.#bytes = bytes.length;
      this.#note(revision, standing.state.recordedAt);
      if (names) await this.#saveRest({ ...about, part: 'rest' }, [...rest, JSON.stringify(names)]);
    } catch (error) {
      this.ports.report(problemOf(error));
    }
  }

  async #saveRest(header: SnapshotHeader, lines: readonly string[]): Promise<void> {
    const { cache, secret } = this.ports;
    await cache.write(header, await sealSnapshot(header, lines, secret));
    const old = (await cache.revisions(this.stream, 'rest')).slice(0, -STARTS);
    for (const revision of old) await cache.remove({ ...header, revision });
  }

  async #load<T>(
    revision: number,
    part: SnapshotPart,
    read: (opened: OpenedSnapshot) => Promise<T>,
  ): Promise<T | undefined> {
    const key = { stream: this.stream, revision, part };
    try {
      const bytes = await this.ports.cache.read(key);
      if (bytes) {
        const opened = openSnapshot(bytes, key, this.#codec, this.ports.secret);
        await this.#requireSameLedger(opened.header);
        const content = await read(opened);
        if (part === 'state') this.#noteRead(opened.header, bytes.length);
        return content;
      }
    } catch (error) {
      this.ports.report(problemOf(error));
      await this.ports.cache.remove(key).catch(() => {}); // it was reported, and is not asked for again
    }
    if (part === 'state') this.#revisions = this.#revisions?.filter((one) => one !== revision);
    return undefined;
  }

  /** The event that it was made after must be in the ledger, where it was, and the next one must be linked to it. */
  async #requireSameLedger({ revision, hash }: SnapshotHeader): Promise<void> {
    const [last, ...tail] = await collect(this.ports.kept.read(this.stream, { from: revision, limit: 2 }));
    if (last?.hash !== hash) throw otherLedger(this.stream, revision);
    await verifyChain(tail, { after: { revision, hash } });
  }

  async #listed(part: SnapshotPart): Promise<readonly number[]> {
    try {
      return await this.ports.cache.revisions(this.stream, part);
    } catch (error) {
      this.ports.report(problemOf(error));
      return [];
    }
  }

  #noteRead({ revision, recordedAt }: SnapshotHeader, bytes: number): void {
    this.#clocks.set(revision, recordedAt);
    this.#bytes ||= bytes;
  }

  #note(revision: number, recordedAt: number): void {
    this.#clocks.set(revision, recordedAt);
    if (!this.#revisions || this.#revisions.includes(revision)) return;
    this.#revisions = [...this.#revisions, revision].sort((a, b) => a - b);
  }
}

/** A state in lines, the commands apart; other work comes between. */
async function linesOf(state: TailnetState): Promise<{ state: string[]; rest: string[] }> {
  const lines: { state: string[]; rest: string[] } = { state: [], rest: [] };
  let written = 0;
  for (const { slice, value } of freeze(state)) {
    (slice === 'outcomes' ? lines.rest : lines.state).push(JSON.stringify([slice, value]));
    written += 1;
    if (written % STRIDE === 0) await nextTurn();
  }
  return lines;
}

function pieceOf(line: string): Piece {
  const [slice, value] = JSON.parse(line) as [Piece['slice'], JsonValue];
  return { slice, value };
}

async function readRest({ lines }: OpenedSnapshot): Promise<Pick<Standing, 'state' | 'names'>> {
  const all = [...(await lines())];
  const names = Names.thaw(JSON.parse(all.pop() ?? '[]') as JsonValue[]);
  return { state: thaw(all.map(pieceOf)), names };
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

const otherLedger = (stream: string, revision: number): NetfoldError =>
  new NetfoldError({
    code: 'snapshot.other_ledger',
    message: 'a snapshot is not about this ledger: the event that it was made after is not there',
    where: `${stream}@${revision}`,
    hint: 'nothing is lost: it is made again from the ledger',
  });
