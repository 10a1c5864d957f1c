import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { impactOf } from '#reach';
import { aTailnet, nodeId } from '#tailnet/testing';
import { type RunningControl, startControl } from '../../../../control/src/index.js';
import { netfold as run } from '../../testing/fake-io.js';
import { impactLines } from './impact-lines.js';

const ANY_PORT = { host: '127.0.0.1', port: 0 };
const policy = (port: number) => `{
  "acls": [
    {"action": "accept", "proto": "tcp", "src": ["owner@example.com"], "dst": ["bob@example.com:${port}"]},
  ],
}
`;

describe('netfold reach and netfold diff', () => {
  let folder: string;
  let control: RunningControl;
  let env: Record<string, string>;
  let published = 0;
  const netfold = (words: readonly string[], stdin = '') => run(words, { env, stdin });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'netfold-reach-'));
    const logger = pino({ level: 'silent' });
    const tailnet = { name: 'test', ownerLogin: 'owner@example.com' };
    control = await startControl({ stateDir: join(folder, 'server'), http: ANY_PORT, grpc: ANY_PORT, tailnet, logger });
    env = { NETFOLD_SERVER: control.httpUrl, NETFOLD_TOKEN: control.adminToken ?? '', XDG_CONFIG_HOME: folder };
    await netfold(['user', 'add', 'bob@example.com']);
    await netfold(['set-acl', '--reason', 'an audit'], policy(22));
    published = (JSON.parse((await netfold(['user', 'list', '--json'])).stdout) as { revision: number }).revision;
    await netfold(['set-acl'], policy(80));
  });
  afterAll(async () => {
    await control.close();
    await rm(folder, { recursive: true });
  });

  it('says who reaches what, now and then, and by which rule', async () => {
    const words = ['reach', 'owner@example.com', 'bob@example.com:22'];
    const now = await netfold(words);
    expect(now).toMatchObject({ code: 2, stderr: '' });
    expect(now.stdout).toMatch(/^owner@example.com to bob@example.com:22\/tcp is denied: .* acls\[0\] comes nearest\n/);
    const then = await netfold([...words, '--at', String(published)]);
    expect(then.code).toBe(0);
    expect(then.stdout).toContain(`As of revision ${published}`);
    expect(then.stdout).toContain('is allowed by acls[0]\n');
    expect(then.stdout).toMatch(
      new RegExp(
        `in this policy since revision ${published} \\(20.* UTC, first start for owner@example.com\\) — an audit\n`,
      ),
    );
  });

  it('says that nobody reaches something, and that something reaches nothing', async () => {
    expect(await netfold(['reach', '--who', 'bob@example.com:80'])).toMatchObject({
      code: 0,
      stdout: 'Nobody reaches bob@example.com:80.\n',
    });
    expect((await netfold(['reach', '--from', 'bob@example.com'])).stdout).toBe('bob@example.com reaches nothing.\n');
  });

  it('shows what differs between two revisions', async () => {
    const { stdout } = await netfold(['diff', `${published}..`]);
    expect(stdout).toContain(`From revision ${published} (`);
    expect(stdout).toContain('policy  policy: has 1 new line and lost 1\n');
    expect(stdout).toMatch(/3 - {5}\{.*:22"\]\},\n {2}3 \+ {5}\{.*:80"\]\},\n/);
    expect(stdout).toContain('No flow is lost or gained.\n');
    const json = JSON.parse((await netfold(['diff', `${published}..${published}`, '--json'])).stdout);
    expect(json).toMatchObject({ from: { revision: published }, changes: [] });
  });

  it.each([
    [['reach'], 'ask about one SRC and one DST'],
    [['reach', 'laptop'], 'ask about one SRC and one DST'],
    [['diff', '5'], '"5" is not two moments'],
    [['diff', '1..2..3'], 'is not two moments'],
    [['diff', '..5'], 'is not two moments'],
    [['reach', '--who', 'nowhere:80'], '"nowhere" is no node'],
  ])('refuses %j', async (words, message) => {
    const { code, stderr } = await netfold(words);
    expect(code).toBe(1);
    expect(stderr).toContain(message);
  });
});

describe('impactLines', () => {
  const rule = { action: 'accept', proto: 'tcp', src: ['autogroup:member'], dst: ['tag:db:5432'] };
  const empty = aTailnet()
    .withUser('ann')
    .withPolicy({ tagOwners: { 'tag:db': [] }, acls: [rule] })
    .withNode('laptop', { user: 'ann' });
  const full = Array.from({ length: 20 }, (_, i) => `db-${i}`).reduce(
    (built, name) => built.withNode(name, { tags: ['tag:db'] }),
    empty,
  );

  it('tells many changes of one kind in one line, and flows by identity', () => {
    const impact = impactOf(empty.state, full.with('NodeExpired', { nodeId: nodeId('db-3') }).state);
    expect(impactLines((_, text) => text, impact)).toEqual([
      'Changes',
      '  node    db-0, db-1, db-10, db-11, db-12 and 15 more: joins as tag:db',
      '',
      'Flows gained',
      'FROM              TO      SERVICES  ENDS    THROUGH',
      'autogroup:member  tag:db  5432/tcp  1 → 19  acls[0]',
      '',
      '20 machines lose or gain flows.',
    ]);
  });
});
