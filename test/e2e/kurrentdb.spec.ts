import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { KurrentServer } from '#event-store/testing';
import { netfold } from '../../apps/cli/src/testing/fake-io.js';
import { type ControlOptions, type RunningControl, startControl } from '../../apps/control/src/index.js';

const ANY_PORT = { host: '127.0.0.1', port: 0 };

describe('a ledger in KurrentDB', () => {
  let folder: string;
  let store: KurrentServer;
  let control: RunningControl | undefined;
  let env: Record<string, string>;
  const fileIn = (name: string) => join(folder, name);

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'netfold-kurrentdb-'));
    store = await KurrentServer.start();
  });
  afterEach(async () => {
    await control?.close();
    await store.stop();
    await rm(folder, { recursive: true });
  });

  async function start(options: Partial<ControlOptions> = {}): Promise<RunningControl> {
    const logger = pino({ level: 'silent' });
    control = await startControl({ stateDir: fileIn('server'), http: ANY_PORT, grpc: ANY_PORT, logger, ...options });
    const adminToken = control.adminToken ?? env.NETFOLD_TOKEN ?? '';
    env = { NETFOLD_TOKEN: adminToken, XDG_CONFIG_HOME: folder, NETFOLD_SERVER: control.httpUrl };
    return control;
  }

  const run = async (...words: readonly string[]) => {
    const ran = await netfold(words, { env });
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    return ran.stdout;
  };

  it('serves a control plane, over restarts of either side', async () => {
    const first = await start({ store: store.url });
    await run('user', 'add', 'bob@example.com', '--role', 'member');
    await first.close();

    await start({ store: store.url });
    expect(await run('user', 'list')).toContain('bob@example.com');
    await store.down();
    await store.up();
    await run('user', 'add', 'carol@example.com', '--role', 'member');
    expect(await run('user', 'list')).toContain('carol@example.com');
    expect(await run('verify', '--store', store.url)).toContain('is right');
  });

  it('is waited for by a server that starts before it', async () => {
    await store.down();
    const told: string[] = [];
    const told1 = Promise.withResolvers<void>();
    const logger = pino(
      { level: 'warn' },
      {
        write: (line: string) => {
          told.push(line);
          told1.resolve();
        },
      },
    );
    const starting = start({ store: store.url, logger });
    await told1.promise;
    expect(told[0]).toContain('store.unreachable');
    await store.up();
    await starting;
    await run('user', 'add', 'bob@example.com', '--role', 'member');
  });

  it('is not missed by a server that is stopped while it waits for it', async () => {
    await store.down();
    const stop = new AbortController();
    const words = ['server', '--store', store.url, '--state-dir', fileIn('server'), '--log-level', 'silent'];
    const running = netfold([...words, '--metrics', 'none'], { interrupted: stop.signal });
    setImmediate(() => stop.abort());
    expect(await running).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  it('is copied to a file and back, bit for bit', async () => {
    const server = await start();
    await run('user', 'add', 'bob@example.com', '--role', 'member');
    await server.close();
    control = undefined;
    const [file, back] = [fileIn('server/ledger.db'), fileIn('back.jsonl')];
    await run('replay', '--from', file, '--to', store.url);
    await run('replay', '--from', store.url, '--to', fileIn('back.db'));
    await run('export', '--store', store.url, '--to', back);
    await run('export', '--store', file, '--to', fileIn('original.jsonl'));
    await run('export', '--store', fileIn('back.db'), '--to', fileIn('copy.jsonl'));
    const [original, ...copies] = await Promise.all(
      ['original.jsonl', 'back.jsonl', 'copy.jsonl'].map((name) => readFile(fileIn(name), 'utf8')),
    );
    for (const copy of copies) expect(copy).toBe(original);

    // The copy is as good as the file: a server goes on with it.
    await start({ store: store.url });
    expect(await run('user', 'list')).toContain('bob@example.com');
  });
});
