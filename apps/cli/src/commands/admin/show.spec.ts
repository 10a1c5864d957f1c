import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { type RunningControl, startControl } from '../../../../control/src/index.js';
import { netfold as run } from '../../testing/fake-io.js';

const ANY_PORT = { host: '127.0.0.1', port: 0 };

let folder: string;
let control: RunningControl;
let env: Record<string, string>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'netfold-show-'));
  const logger = pino({ level: 'silent' });
  control = await startControl({ stateDir: folder, http: ANY_PORT, grpc: ANY_PORT, logger });
  env = { NETFOLD_SERVER: control.httpUrl, NETFOLD_TOKEN: control.adminToken ?? '', XDG_CONFIG_HOME: folder };
});
afterAll(async () => {
  await control.close();
  await rm(folder, { recursive: true });
});

const netfold = (...words: string[]) => run(words, { env });
const json = async (...words: string[]) => JSON.parse((await netfold(...words, '--json')).stdout);

describe('netfold show', () => {
  it('shows a person as she is and as she was', async () => {
    await netfold('user', 'add', 'zoe@example.com', '--name', 'Zoë');
    const { revision } = await json('show', 'user', 'zoe@example.com');
    await netfold('user', 'role', 'zoe@example.com', 'admin');
    expect((await netfold('show', 'user', 'zoe@example.com')).stdout).toMatch(
      /^login +zoe@example.com\n[\s\S]*role +admin\n/,
    );
    const then = await netfold('show', 'user', 'zoe@example.com', '--at', String(revision));
    expect(then.stdout).toMatch(
      /^As of revision \d+, recorded \d{4}-.* UTC:\n\nlogin +zoe@example.com\n[\s\S]*role +member\n/,
    );
  });

  it.each([
    ['node', /UTC:\n\nNo machine has joined yet/],
    ['route', /UTC:\n\nNo machine offers a route/],
    ['user', /UTC:\n\nLOGIN +NAME +ROLE +STATE\n\S+ +- +owner +active\n$/],
  ])('lists each %s of a moment', async (what, expected) => {
    expect((await netfold(what, 'list', '--at', '1')).stdout).toMatch(expected);
  });

  it('shows the policy of a moment, with its revision', async () => {
    const { policy, revision } = await json('show', 'policy');
    await run(['policy', 'set'], { env, stdin: '{"acls": []}' });
    expect(await json('show', 'policy', '--at', `rev:${revision}`)).toMatchObject({ revision, policy });
    expect((await netfold('show', 'policy')).stdout.trim()).toBe('{"acls": []}');
  });

  it('says clearly what was not there', async () => {
    expect(await netfold('show', 'node', 'laptop', '--at', '1')).toEqual({
      code: 1,
      stdout: '',
      stderr:
        'netfold: there was no node "laptop" at revision 1 (at)\n  the ledger has never had a node of that name\n',
    });
    expect(await netfold('show', 'route', '10.0.0.0/8', '--at', '1')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('no machine offered 10.0.0.0/8 at revision 1'),
    });
    expect(await netfold('show', 'node', 'laptop', '--at', 'whenever')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('"whenever" names no moment'),
    });
    expect((await netfold('debug', 'netmap', 'laptop', '--at', '1')).stderr).toContain('there was no node "laptop"');
  });
});

describe('netfold debug rebuild', () => {
  it('says that what was worked out anew is in use', async () => {
    expect((await netfold('debug', 'rebuild')).stdout).toMatch(
      /^Rebuilt \d+ events in .* ms: equal at revision \d+, and in use.\n$/,
    );
    const lines = (await netfold('debug', 'rebuild', '--json')).stdout.trim().split('\n');
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ done: { equal: true } });
  });
});
