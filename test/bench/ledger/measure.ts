import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type EventStore, openSqliteEventStore } from '#event-store';
import { FileSnapshotCache, MemorySnapshotCache, type SnapshotCache, StreamSnapshots } from '#history';
import { evolve, initialState } from '#tailnet';
import { noNeighbours } from '../../../apps/control/src/cluster/neighbours.js';
import { Dispatcher } from '../../../apps/control/src/tailnet/dispatcher.js';
import type { Tailnet } from '../../../apps/control/src/tailnet/tailnet.js';
import { Tailnets } from '../../../apps/control/src/tailnet/tailnets.js';
import { START, STREAM } from './busy-tailnet.js';
import { fill } from './fill.js';

/** What something took, in milliseconds: by the clock, and of this process's processors, which other work does not stretch. */
export interface Took {
  readonly wall: number;
  readonly cpu: number;
}

export interface Figures {
  readonly events: number;
  readonly ledgerBytes: number;
  /** Reading all rows of the ledger's file, without looking at them. */
  readonly floor: Took;
  readonly append: Took;
  /** Reading all events as the store gives them. */
  readonly read: Took;
  readonly fold: Took;
  readonly startWithout: Took;
  readonly startWith: Took;
  readonly firstLook: Took;
  readonly looks: number;
  readonly p50: Took;
  readonly p99: Took;
  readonly worst: Took;
  readonly snapshots: number;
  readonly snapshotBytes: number;
  readonly cacheBytes: number;
  readonly save: Took;
}

const LOOKS = 200;
const SECRET = new Uint8Array(32);

async function timed(work: () => unknown): Promise<Took> {
  const [started, before] = [performance.now(), process.cpuUsage()];
  await work();
  const { user, system } = process.cpuUsage(before);
  return { wall: performance.now() - started, cpu: (user + system) / 1_000 };
}

/** Plays it all on a ledger of its own, which is gone afterwards. */
export async function measure(events: number, say: (line: string) => void): Promise<Figures> {
  const folder = mkdtempSync(join(tmpdir(), 'netfold-bench-ledger-'));
  try {
    return await measureIn(folder, events, say);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function measureIn(folder: string, events: number, say: (line: string) => void): Promise<Figures> {
  const file = join(folder, 'ledger.db');
  const store = openSqliteEventStore(file);
  const cache = new FileSnapshotCache(join(folder, 'snapshots'));
  say(`appending ${events} events`);
  const append = await timed(() => fill(store, events));
  say('reading and folding them');
  const floor = await timed(() => readRows(file));
  const read = await timed(() => readAll(store));
  const fold = await timed(() => foldAll(store));
  say('starting without snapshots, and with them');
  const first = await started(store, cache);
  await first.stop();
  const { tailnet, stop, took: startWith } = await started(store, cache);
  say('looking back');
  const travel = await lookBack(tailnet, events);
  const save = await timed(() => saveOne(tailnet, store));
  await stop();
  await store.close();
  const states = filesOf(join(folder, 'snapshots', STREAM)).filter(({ name }) => name.endsWith('.state'));
  return {
    events,
    ledgerBytes: statSync(file).size,
    floor,
    append,
    read,
    fold,
    startWithout: first.took,
    startWith,
    ...travel,
    snapshots: states.length,
    snapshotBytes: states.at(-1)?.size ?? 0,
    cacheBytes: filesOf(join(folder, 'snapshots', STREAM)).reduce((sum, { size }) => sum + size, 0),
    save,
  };
}

function readRows(file: string): void {
  const database = new DatabaseSync(file, { readOnly: true });
  for (const _ of database.prepare('SELECT body FROM events ORDER BY position').iterate());
  database.close();
}

async function readAll(store: EventStore): Promise<void> {
  for await (const _ of store.read(STREAM));
}

async function foldAll(store: EventStore): Promise<void> {
  let state = initialState;
  for await (const event of store.read(STREAM)) state = evolve(state, event, event);
}

interface Started {
  readonly tailnet: Tailnet;
  readonly took: Took;
  stop(): Promise<void>;
}

/** The projections of a control plane, caught up. */
async function started(store: EventStore, cache: SnapshotCache): Promise<Started> {
  const tailnets = new Tailnets({
    store,
    people: { of: () => undefined } as never,
    neighbours: noNeighbours,
    clock: { now: () => Date.now() },
    snapshots: portsOf(store, cache),
    fault: () => {},
  });
  const dispatcher = new Dispatcher(store, tailnets);
  const took = await timed(() => dispatcher.start(() => {}));
  return { tailnet: tailnets.get('bench'), took, stop: () => dispatcher.stop() };
}

const portsOf = (kept: EventStore, cache: SnapshotCache) => ({
  cache,
  secret: SECRET,
  release: 'bench',
  kept,
  report: ({ message }: { message: string }) => console.error(message),
});

/** Asks for random revisions and random times in turn, each of which nobody has asked for before. */
async function lookBack({ history }: Tailnet, events: number) {
  const firstLook = await timed(() => history.stateAt(Math.floor(events / Math.E)));
  const times: Took[] = [];
  for (let i = 1; i <= LOOKS; i++) {
    const revision = Math.floor(((i * 0.618_033_988_75) % 1) * events);
    const time = START + Math.max(revision, 512) * 1_000;
    times.push(
      await timed(async () => history.stateAt(i % 2 ? revision : Math.min(await history.revisionAt(time), events - 1))),
    );
  }
  const at = (share: number) => ({ wall: percentile(times, 'wall', share), cpu: percentile(times, 'cpu', share) });
  return { firstLook, looks: LOOKS, p50: at(0.5), p99: at(0.99), worst: at(1) };
}

function percentile(times: readonly Took[], of: keyof Took, share: number): number {
  const sorted = times.map((took) => took[of]).sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
}

function saveOne({ fold: { state, head }, names }: Tailnet, store: EventStore): Promise<void> {
  return new StreamSnapshots(STREAM, portsOf(store, new MemorySnapshotCache())).save({ state, head, names });
}

const filesOf = (folder: string) =>
  readdirSync(folder)
    .sort()
    .map((name) => ({ name, size: statSync(join(folder, name)).size }));
