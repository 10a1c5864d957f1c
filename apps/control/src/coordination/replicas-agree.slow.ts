import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { KurrentServer } from '#event-store/testing';
import { LocalBus } from '#messaging';
import type { ControlOptions } from '../config/control-options.js';
import { ManualClock } from '../testing/manual-clock.js';
import { TestAgent } from '../testing/test-agent.js';
import { TestCluster } from '../testing/test-cluster.js';
import { TestControl } from '../testing/test-control.js';

describe('replicas that start', () => {
  let server: KurrentServer;
  let bus: LocalBus;
  let folder: string;
  const started: TestControl[] = [];

  beforeEach(async () => {
    server = await KurrentServer.start();
    bus = new LocalBus(() => {});
    folder = mkdtempSync(join(tmpdir(), 'netfold-agree-'));
  });
  afterEach(async () => {
    for (const control of started.splice(0)) await control.stop();
    await bus.close();
    await server.stop();
    rmSync(folder, { recursive: true });
  });

  function secretFile(name: string): string {
    const file = join(folder, name);
    writeFileSync(file, randomBytes(32), { mode: 0o600 });
    return file;
  }

  async function start(options: Partial<ControlOptions>): Promise<TestControl> {
    const control = await TestControl.start({ bus, store: server.url, ...options });
    started.push(control);
    return control;
  }

  const coded = (code: string) => expect.objectContaining({ code });

  test('at once on an empty store make one tailnet with one owner, and one shows its token', async () => {
    const shared = secretFile('secret');
    const replicas = await Promise.all([1, 2, 3].map(() => start({ secretFile: shared })));
    const tokens = replicas.map(({ token }) => token).filter((token) => token !== '');
    expect(tokens).toHaveLength(1);
    const authorization = { authorization: `Bearer ${tokens[0]}` };
    for (const replica of replicas) {
      const { body } = await replica.call('GET', 'users?minRevision=3', undefined, authorization);
      expect((body as { users: unknown[] }).users).toMatchObject([{ role: 'owner' }]);
      const events = await replica.call('GET', 'events', undefined, authorization);
      const types = (events.body as { events: { type: string }[] }).events.map(({ type }) => type);
      for (const once of ['AclPublished', 'ApiTokenIssued', 'TailnetCreated', 'UserJoined']) {
        expect(types.filter((type) => type === once)).toHaveLength(1);
      }
    }
    const streams = [...new Set(server.log.records.map(({ stream }) => stream))];
    expect(streams.filter((stream) => stream.startsWith('netfold.tailnet-'))).toHaveLength(1);
  });

  test('with secrets of their own: one is the first, and the others are told what to do', async () => {
    const outcomes = await Promise.allSettled(['a', 'b', 'c'].map((name) => start({ secretFile: secretFile(name) })));
    const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
    expect(refused).toEqual([coded('cluster.other_secret'), coded('cluster.other_secret')]);
    expect(refused[0]).toMatchObject({ hint: expect.stringContaining('--secret-file') });
  });

  test('before their store does wait for it, and say so once', async () => {
    await server.down();
    const lines: string[] = [];
    const logger = pino({ level: 'warn' }, { write: (line) => void lines.push(line) });
    const starting = start({ secretFile: secretFile('secret'), logger });
    while (lines.length === 0) await new Promise((resolve) => setImmediate(resolve));
    await server.up();
    expect((await starting).token).not.toBe('');
    expect(lines.filter((line) => line.includes('store.unreachable'))).toHaveLength(1);
  });

  test('without a way in are refused at once', async () => {
    await server.stop();
    server = await KurrentServer.start({ authorization: 'Basic eA==' });
    await expect(start({ secretFile: secretFile('secret') })).rejects.toMatchObject({
      code: 'store.access_denied',
      hint: expect.stringContaining('URL'),
    });
  });

  test('after one process alone, whose ledger moved into the shared store, know its people', async () => {
    const alone = await TestControl.start();
    await alone.call('POST', 'users', { login: 'alice@example.com', displayName: 'Alice' });
    await alone.close();
    const { openSqliteEventStore, openKurrentEventStore } = await import('#event-store');
    const from = openSqliteEventStore(join(alone.stateDir, 'ledger.db'));
    const to = await openKurrentEventStore(server.url);
    for (const stream of await from.streams()) {
      const events = [];
      for await (const { position: _, ...event } of from.read(stream)) events.push(event);
      await to.append(stream, -1, events);
    }
    await Promise.all([from.close(), to.close()]);
    const [{ startControl }, logger] = [await import('../start-control.js'), pino({ level: 'silent' })];
    const any = { host: '127.0.0.1', port: 0 };
    const options = { stateDir: alone.stateDir, http: any, grpc: any, logger, bus, store: server.url };
    const moved = await startControl(options);
    const other = await start({ secretFile: join(alone.stateDir, 'server-secret') });
    const headers = { authorization: `Bearer ${alone.token}` };
    for (const url of [moved.httpUrl, other.httpUrl]) {
      const answer = await fetch(`${url}/api/v1/tailnets/-/users`, { headers });
      expect(await answer.text()).toContain('"alice@example.com"');
    }
    await moved.close();
    await expect(startControl({ ...options, secretFile: secretFile('new') })).rejects.toEqual(
      coded('cluster.other_secret'),
    );
    rmSync(alone.stateDir, { recursive: true });
  });
});

describe('replicas that serve', () => {
  let cluster: TestCluster;
  const agents: TestAgent[] = [];
  afterEach(async () => {
    for (const agent of agents.splice(0)) await agent.close();
    await cluster.stop();
  });

  const replica = (i: number): TestControl => {
    const one = cluster.replicas[i]?.control;
    if (one) return one;
    throw new Error('there is no such replica');
  };
  const everything = async (control: TestControl, revision: number): Promise<string> => {
    const paths = ['users', 'policy', 'events', 'users?at=5'].map(
      (path) => `${path}${path.includes('?') ? '&' : '?'}minRevision=${revision}`,
    );
    return JSON.stringify(await Promise.all(paths.map(async (path) => (await control.call('GET', path)).body)));
  };
  const revisionOf = ({ body }: { readonly body: unknown }): number => (body as { revision: number }).revision;

  test('each opens what the others have sealed; who is erased at one is named by none, nor by one that starts later', async () => {
    cluster = await TestCluster.start(2);
    await replica(0).call('POST', 'users', { login: 'bob@example.com', displayName: 'Bob Builder' });
    const text = '{"acls": [{"action": "accept", "src": ["bob@example.com", "carol@example.com"], "dst": ["*:22"]}]}';
    const published = revisionOf(await replica(1).call('PUT', 'policy', text));
    for (const i of [0, 1])
      expect(await everything(replica(i), published)).toMatch(/bob@example\.com[\s\S]*Bob Builder/);
    await cluster.add();
    await replica(2).close(); // with all that it has kept
    const erased = revisionOf(await replica(1).call('POST', 'users/bob@example.com/erase'));
    await replica(2).restart();
    await cluster.add();
    for (const i of [1, 2, 3]) {
      const said = await everything(replica(i), erased);
      expect(said).not.toMatch(/bob/i);
      expect(said).toContain('carol@example.com');
    }
    // The other one forgets as soon as it reads of it.
    for (let said = 'bob'; /bob/i.test(said); ) said = await everything(replica(0), erased);
    await replica(0).call('POST', 'users', { login: 'bob@example.com' });
    expect(await everything(replica(2), erased + 1)).toContain('erased-');
  });

  test('who is met by all at once has one key: with it they are gone from everything', async () => {
    cluster = await TestCluster.start(3);
    const added = cluster.replicas.flatMap(({ control }, i) =>
      Array.from({ length: 8 }, (_, n) =>
        control.call('POST', 'users', { login: `u${i}${n}@example.com` }, { 'netfold-reason': `p${n}@example.com` }),
      ),
    );
    const answers = await Promise.all(added);
    expect(answers.map(({ body }) => (body as { code?: string }).code)).toEqual(answers.map(() => undefined));
    const last = Math.max(...answers.map(({ body }) => (body as { revision?: number }).revision ?? 0));
    await Promise.all(cluster.replicas.map(({ control }) => everything(control, last)));
    for (let n = 0; n < 8; n++) {
      const { status, body } = await replica(n % 3).call('POST', `users/p${n}@example.com/erase`);
      expect([status, body]).toMatchObject([200, { events: [{ type: 'PersonErased' }] }]);
    }
    // Each forgets as soon as it reads of it; what one key alone opened, nobody opens any more.
    for (const { control } of cluster.replicas) {
      for (let said = 'p0@example'; /p\d@example/.test(said); ) said = await everything(control, last);
    }
  });

  test('what falls due is done once, also when whoever would have done it has left', async () => {
    const clock = new ManualClock(Date.now());
    cluster = await TestCluster.start(2, { clock, ephemeralTimeout: 60_000 });
    const first = cluster.replicas.shift();
    if (!first) throw new Error('there is one');
    const agent = new TestAgent(first.control.grpcAddress, 'shortlived');
    agents.push(agent);
    const key = await first.control.authKey();
    await agent.register(key, { ephemeral: true });
    await first.control.stop();
    const control = replica(0);
    clock.advance(61_000);
    const removed = async () => {
      const { body } = await control.call('GET', 'events?type=NodeRemoved');
      return (body as { events: unknown[] }).events.length;
    };
    while ((await removed()) === 0) clock.advance(1_000);
    expect(await removed()).toBe(1);
    await first.store.stop();
  });

  test('what falls due is done by another one when whoever would have done it does not get to the store', async () => {
    const clock = new ManualClock(Date.now());
    cluster = await TestCluster.start(2, { clock, ephemeralTimeout: 60_000 });
    const agent = new TestAgent(replica(1).grpcAddress, 'shortlived');
    agents.push(agent);
    await agent.register(await replica(1).authKey(), { ephemeral: true });
    await cluster.replicas[0]?.store.down();
    clock.advance(61_000);
    const started = performance.now();
    for (let events: unknown[] = []; events.length === 0; clock.advance(1_000)) {
      const { body } = await replica(1).call('GET', 'events?type=NodeRemoved');
      events = (body as { events: unknown[] }).events;
    }
    expect(performance.now() - started).toBeGreaterThan(1_000); // the other one held the lease
    await cluster.replicas[0]?.store.up();
  });
});
