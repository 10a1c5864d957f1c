import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { headAfter, openSqliteEventStore, seal } from '#event-store';
import { busyTailnet } from '../bench/ledger/busy-tailnet.js';
import { ControlProcess } from './crash/control-process.js';

const EVENTS = 24_000;
const BATCH = 500;
const KILLS = 5;

/** Adds a long history to the ledger of a server that does not run. */
async function lengthen(stateDir: string): Promise<string> {
  const store = openSqliteEventStore(join(stateDir, 'ledger.db'));
  const [stream = ''] = await store.streams();
  const drafts = [...busyTailnet(EVENTS)].map(({ recordedAt: _, ...draft }) => ({ ...draft, stream })).slice(1);
  let head = await store.head(stream);
  for (let i = 0; i < drafts.length; i += BATCH) {
    const events = seal(head, drafts.slice(i, i + BATCH), Date.now());
    await store.append(stream, head.revision, events);
    head = headAfter(head, events);
  }
  await store.close();
  return stream;
}

test('starts that are killed, anywhere, and damaged snapshots leave nothing behind that a later start would believe', async () => {
  const control = new ControlProcess(mkdtempSync(join(tmpdir(), 'netfold-start-killed-')));
  try {
    const began = performance.now();
    await control.start();
    const startTakes = performance.now() - began;
    await control.kill();
    const folder = join(control.stateDir, 'snapshots', await lengthen(control.stateDir));
    const left = () => (existsSync(folder) ? readdirSync(folder) : []);
    for (let i = 0; i < KILLS || left().length === 0; i++) await control.startAndKill(startTakes * (0.6 + 0.2 * i));
    for (const name of new Set([left().at(0), left().at(-1)])) if (name) writeFileSync(join(folder, name), 'damaged');
    const { httpUrl } = await control.start();
    const headers = { authorization: `Bearer ${control.token}` };
    const ask = (method: string, path: string) => fetch(`${httpUrl}/api/v1/tailnets/-/${path}`, { method, headers });
    const lines = (await (await ask('POST', 'projections/rebuild')).text()).trim().split('\n');
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ done: { equal: true, differences: [] } });
    const { revision } = (await (await ask('GET', 'moment?at=12000')).json()) as { revision: number };
    expect(revision).toBe(12_000);
    expect((await ask('GET', 'nodes?at=12000')).status).toBe(200);
  } finally {
    await control.kill();
    rmSync(control.stateDir, { recursive: true });
  }
});
