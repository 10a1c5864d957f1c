import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { type RunningControl, startControl } from '../../../../control/src/index.js';
import { TestAgent } from '../../../../control/src/testing/test-agent.js';
import { netfold as run } from '../../testing/fake-io.js';

const ANY_PORT = { host: '127.0.0.1', port: 0 };
const POLICY = '{"acls": [{"action": "accept", "src": ["*"], "dst": ["*:443"]}]}';

let folder: string;
let control: RunningControl;
let env: Record<string, string>;

const netfold = (words: readonly string[], stdin = '') => run(words, { env, stdin });
const lines = async (...words: string[]) => (await netfold(['log', ...words])).stdout.trimEnd().split('\n');

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'netfold-log-'));
  const logger = pino({ level: 'silent' });
  control = await startControl({ stateDir: join(folder, 'server'), http: ANY_PORT, grpc: ANY_PORT, logger });
  env = { NETFOLD_SERVER: control.httpUrl, NETFOLD_TOKEN: control.adminToken ?? '', XDG_CONFIG_HOME: folder };
  for (const name of ['alice', 'bob'])
    await netfold(['user', 'add', `${name}@example.com`, '--reason', `${name} is new`]);
  await netfold(['policy', 'set', '--reason', 'HTTPS only'], POLICY);
});

afterAll(async () => {
  await control.close();
  await rm(folder, { recursive: true });
});

describe('netfold log', () => {
  it('is a table: who, from where, what and why', async () => {
    const table = await lines('--type', 'UserJoined', '--from', '2');
    expect(table[0]?.split(/ {2,}/)).toEqual(['REV', 'TIME (UTC)', 'BY', 'FROM', 'EVENT', 'WHAT']);
    expect(table[1]).toMatch(
      /^ *4 {2}\S+ \S+ {2}first start for admin@netfold\.internal {2}cli 127\.0\.0\.1 {2}UserJoined {2}alice@example\.com joined as member — alice is new$/,
    );
    expect(table[2]).toContain('bob is new');
    expect(table).toHaveLength(3);
  });

  it('ends with the newest, shows only the last when asked, and turns round', async () => {
    expect((await lines('-n', '2')).slice(1).map((line) => line.trim().split(' ')[0])).toEqual(['5', '6']);
    expect((await lines('-n', '2', '-r')).slice(1).map((line) => line.trim().split(' ')[0])).toEqual(['6', '5']);
    expect((await lines('--since', '1h', '-g', 'HTTPS', '--until', 'now')).slice(1)).toEqual([
      expect.stringContaining('the policy was published ('),
    ]);
    expect((await lines('--since', '2999-01-01')).slice(1)).toEqual([]);
  });

  it('is comma-separated values when asked', async () => {
    const rows = (await netfold(['log', '--csv', '--user', 'bob@example.com'])).stdout.split('\r\n');
    expect(rows).toHaveLength(3);
    expect(rows[1]).toContain(',UserJoined,bob@example.com joined as member,bob is new,');
  });

  it('shows one event whole', async () => {
    const { stdout } = await netfold(['log', 'show', '6']);
    expect(stdout).toMatch(/^why +HTTPS only$/m);
    expect(stdout).toMatch(/^from +cli 127\.0\.0\.1$/m);
    expect(stdout).toMatch(/^\+ .*\*:443/m);
    const { stdout: json } = await netfold(['log', 'show', '6', '--json']);
    expect(JSON.parse(json)).toMatchObject({ event: { revision: 6, reason: 'HTTPS only', data: { text: POLICY } } });
    expect((await netfold(['log', 'show', '99'])).stderr).toContain('there is no revision 99');
  });

  it('says so when nothing is found', async () => {
    const { code, stdout, stderr } = await netfold(['log', '--actor', 'nobody']);
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: 'REV  TIME (UTC)  BY  FROM  EVENT  WHAT\n',
      stderr: 'no event is like that\n',
    });
    expect(JSON.parse((await netfold(['log', '--actor', 'nobody', '--json'])).stdout)).toEqual({ events: [] });
  });

  it('says what is wrong with a filter', async () => {
    expect((await netfold(['log', '-n', '0'])).stderr).toContain('It must be a whole number, at least 1.');
    expect((await netfold(['log', '--type', 'Nothing'])).stderr).toContain('there are no events of type "Nothing"');
    expect((await netfold(['log', '--since', 'soon'])).stderr).toContain('"soon" names no moment');
  });
});

describe('netfold trace', () => {
  it('says when an event was in force everywhere', async () => {
    const { code, stdout } = await netfold(['trace', '6', '--wait', '--timeout', '1']);
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining('why: HTTPS only') });
    expect(stdout).toMatch(/^concerned 0 · applied 0 · behind 0 · in force everywhere at \S+ UTC \(\+0 ms\)$/m);
    expect(JSON.parse((await netfold(['trace', '6', '--json'])).stdout)).toMatchObject({ concerned: 0, nodes: [] });
    expect((await netfold(['trace', '99'])).stderr).toContain('there is no revision 99');
  });

  it('fails when it has waited, and somebody is still behind', async () => {
    const { stdout: key } = await netfold(['key', 'create', '--user', 'alice@example.com']);
    const agent = new TestAgent(control.grpcAddress, 'laptop');
    const { revision } = await agent.register(key.trim());
    const ran = await netfold(['trace', String(revision), '--wait', '--timeout', '0.1']);
    const summary = 'concerned 1 · applied 0 · behind 1 (laptop, never connected) · not in force everywhere yet';
    expect(ran).toEqual({
      code: 1,
      stdout: expect.stringContaining(summary),
      stderr: `netfold: not in force everywhere after 0.1 s: ${summary}\n`,
    });
    expect((await netfold(['trace', String(revision), '--node', 'laptop'])).stdout).toContain('+ self laptop');
    await agent.close();
  });
});
