import type { EventStore } from '#event-store';
import { NetfoldError } from '#kernel';
import { differences, frozenNames } from './compare-projections.js';
import { Replay } from './replay.js';
import type { Tailnet } from './tailnet.js';

/** How far a rebuild has come, and at the end what came of it. */
export interface RebuildProgress {
  /** Events. */
  readonly applied: number;
  readonly total: number;
  readonly done?: RebuildOutcome;
}

export interface RebuildOutcome {
  /** At which the two were compared. */
  readonly revision: number;
  /** Whether what was running was what the ledger says. */
  readonly equal: boolean;
  readonly differences: readonly string[];
  readonly tookMs: number;
}

/** So many events are taken between two reports. */
const STEP = 5_000;

const running = new WeakSet<Tailnet>();

/**
 * Works out from the first event of the ledger what this process keeps about a tailnet, beside what is running, compares
 * the two at one revision, and goes on with what was worked out, at one revision again: commands are carried out and
 * agents are served meanwhile. Whoever stops listening stops it, and nothing has changed.
 * @throws NetfoldError `conflict.rebuild_running`
 */
export async function* rebuildProjections(store: EventStore, tailnet: Tailnet): AsyncGenerator<RebuildProgress> {
  if (running.has(tailnet)) throw alreadyRunning();
  running.add(tailnet);
  try {
    yield* rebuild(store, tailnet);
  } finally {
    running.delete(tailnet);
  }
}

async function* rebuild(store: EventStore, tailnet: Tailnet): AsyncGenerator<RebuildProgress> {
  const started = performance.now();
  const replay = new Replay(store, tailnet.stream, tailnet.fold.head.revision);
  const progress = () => ({ applied: replay.head.revision + 1, total: tailnet.fold.head.revision + 1 });
  while (replay.head.revision < tailnet.fold.head.revision) {
    yield progress();
    await replay.to(Math.min(replay.head.revision + STEP, tailnet.fold.head.revision));
  }
  const { revision } = replay.head;
  const found = await differences(
    { state: tailnet.fold.state, network: tailnet.netmaps.latest, names: frozenNames(tailnet.names) },
    { state: replay.state, network: replay.netmaps.latest, names: frozenNames(replay.names) },
  );
  while (replay.head.revision < tailnet.fold.head.revision) await replay.to(tailnet.fold.head.revision);
  // No event comes between this line and the next: both are in one turn.
  await tailnet.replaceProjections(replay, found);
  const tookMs = Math.round(performance.now() - started);
  yield { ...progress(), done: { revision, equal: found.length === 0, differences: found, tookMs } };
}

const alreadyRunning = (): NetfoldError =>
  new NetfoldError({
    code: 'conflict.rebuild_running',
    message: 'the projections of this tailnet are being rebuilt already',
    hint: 'wait until that has ended',
  });
