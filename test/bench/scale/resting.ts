import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EventStore, openSqliteEventStore } from '#event-store';
import { NODES } from '../ledger/busy-tailnet.js';
import { fill } from '../ledger/fill.js';
import { MeasuredServer } from './measured-server.js';
import { fillQuietTailnets } from './quiet-tailnets.js';

/** What tailnets cost a replica that nobody of them is connected to. */
export interface Resting {
  readonly tailnets: number;
  readonly nodes: number;
  readonly events: number;
  /** What the process holds at rest, in bytes. */
  readonly live: number;
  readonly rss: number;
  /** To start, without snapshots, in microseconds of processor time. */
  readonly startCpu: number;
}

/** Starts a control plane over so many tailnets of so many nodes each, and looks at it. */
export async function rest(tailnets: number, nodes: number): Promise<Resting> {
  let events = 0;
  const held = await heldAfter(async (store) => {
    events = await fillQuietTailnets(store, tailnets, nodes);
  });
  return { tailnets, nodes: tailnets * nodes, events, ...held };
}

/** The same over one tailnet of a thousand nodes in which so much has happened. */
export async function restAfter(events: number): Promise<Resting> {
  return { tailnets: 1, nodes: NODES, events, ...(await heldAfter((store) => fill(store, events))) };
}

async function heldAfter(
  write: (store: EventStore) => Promise<void>,
): Promise<Pick<Resting, 'live' | 'rss' | 'startCpu'>> {
  const folder = mkdtempSync(join(tmpdir(), 'netfold-scale-'));
  const store = openSqliteEventStore(join(folder, 'ledger.db'));
  await write(store);
  await store.close();
  const server = await MeasuredServer.start(folder);
  const { rss, live, cpu } = await server.held();
  await server.kill();
  rmSync(folder, { recursive: true, force: true });
  return { live, rss, startCpu: cpu };
}
