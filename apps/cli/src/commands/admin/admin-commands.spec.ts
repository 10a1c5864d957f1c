import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { type RunningControl, startControl } from '../../../../control/src/index.js';
import { netfold as run } from '../../testing/fake-io.js';

// The admin's command line against a real control plane: what a person types, and what it prints.

const ANY_PORT = { host: '127.0.0.1', port: 0 };
const GOOD = `{
  "groups": {"group:eng": ["alice@example.com"]},
  "tagOwners": {"tag:web": ["group:eng"]},
  "acls": [{"action": "accept", "src": ["group:eng"], "dst": ["tag:web:443"]}],
}`;
/** As the guide has it, without the prefixes of groups and tags. */
const CASUAL = `{
  // who is who
  "groups": {"eng": ["alice@example.com"]},
  "tagOwners": {"web": ["group:eng"]},
  "acls": [{"action": "accept", "src": ["group:eng"], "dst": ["tag:web:443"]}],
}`;
const BAD = `{
  "acls": [
    {"action": "accept", "src": ["group:nobody"], "dst": ["tag:web:99999"]},
  ],
}`;

let folder: string;
let control: RunningControl;
let env: Record<string, string>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'netfold-admin-'));
  const logger = pino({ level: 'silent' });
  const tailnet = { name: 'test', ownerLogin: 'owner@example.com' };
  control = await startControl({ stateDir: join(folder, 'server'), http: ANY_PORT, grpc: ANY_PORT, tailnet, logger });
  env = { NETFOLD_SERVER: control.httpUrl, NETFOLD_TOKEN: control.adminToken ?? '', XDG_CONFIG_HOME: folder };
});
afterAll(async () => {
  await control.close();
  await rm(folder, { recursive: true });
});

const netfold = (words: readonly string[], stdin = '') => run(words, { env, stdin });

describe('netfold set-acl', () => {
  it('lints a policy from standard input, and publishes one from a file', async () => {
    expect(await netfold(['set-acl', '--test'], GOOD)).toEqual({
      code: 0,
      stdout: 'Policy file passed linting\n',
      stderr: '',
    });
    const before = (await netfold(['policy', 'get'])).stdout;
    expect(before).not.toContain('group:eng": ["alice@example.com"]}');
    const file = join(folder, 'policy.hujson');
    await writeFile(file, GOOD);
    expect(await netfold(['set-acl', file])).toEqual({ code: 0, stdout: 'Success.\n', stderr: '' });
    expect((await netfold(['policy', 'get'])).stdout.trimEnd()).toBe(GOOD);
  });

  it('takes a policy without prefixes, and names the canonical spelling', async () => {
    const { code, stdout, stderr } = await netfold(['set-acl', '--test'], CASUAL);
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'Policy file passed linting\n' });
    expect(stderr).toMatch(/^policy:3:14: warning: .*"group:eng"/m);
    expect(stderr).toMatch(/^policy:4:17: warning: .*"tag:web"/m);
  });

  it('says all that is wrong, each with its place and its line, and leaves the policy in force', async () => {
    const { code, stdout, stderr } = await netfold(['set-acl'], BAD);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^policy:3:34: error: .*group:nobody/m);
    expect(stderr).toMatch(/^policy:3:59: error: .*99999/m);
    expect(stderr).toContain('\n      {"action": "accept", "src": ["group:nobody"]');
    expect(stderr).toContain('netfold: the policy was refused; the one in force stays');
    expect((await netfold(['policy', 'get'])).stdout.trimEnd()).toBe(GOOD);
  });

  it('points at the character where a file is not HuJSON', async () => {
    const { code, stderr } = await netfold(['set-acl', '--test'], '{\n  "acls": [}\n}');
    expect(code).toBe(1);
    expect(stderr).toMatch(/^policy:2:12: error: /m);
  });
});

describe('the other commands for admins', () => {
  it('add people, list them, and change their roles', async () => {
    expect(await netfold(['user', 'add', 'alice@example.com', '--name', 'Alice'])).toMatchObject({
      code: 0,
      stderr: '',
    });
    await netfold(['user', 'role', 'alice@example.com', 'admin']);
    const { stdout } = await netfold(['user', 'list']);
    expect(stdout.split('\n').map((line) => line.split(/ {2,}/))).toEqual([
      ['LOGIN', 'NAME', 'ROLE', 'STATE'],
      ['alice@example.com', 'Alice', 'admin', 'active'],
      ['owner@example.com', '-', 'owner', 'active'],
      [''],
    ]);
  });

  it('make keys whose text is on standard output alone, to be piped into a file', async () => {
    const { code, stdout } = await netfold(['key', 'create', '--tags', 'tag:web', '--reusable']);
    expect({ code, lines: stdout.trim().split('\n').length }).toEqual({ code: 0, lines: 1 });
    expect(stdout).toMatch(/^nfk_\S+\n$/);
    const { keys } = { keys: (await netfold(['key', 'list'])).stdout };
    expect(keys).toMatch(/tag:web +reusable/);
    expect(keys).not.toContain(stdout.trim().split('_').at(-1));
  });

  it('read the ledger in plain words, and as JSON', async () => {
    const { stdout } = await netfold(['log']);
    expect(stdout).toMatch(/UserJoined +alice@example.com joined as member/);
    const { stdout: json } = await netfold(['log', '--json', '--type', 'AclPublished']);
    expect(json).toContain('"AclPublished"');
    expect(json).not.toContain('UserJoined');
  });

  it('keep the reason of a change in the ledger, and say through what it was made', async () => {
    const words = ['user', 'add', 'carol@example.com', '--reason', 'Grüße → joins the team'];
    expect(await netfold(words)).toMatchObject({ code: 0, stderr: '' });
    const { stdout } = await netfold(['log', '--json', '--type', 'UserJoined']);
    expect(JSON.parse(stdout)).toMatchObject({
      events: expect.arrayContaining([
        expect.objectContaining({
          reason: 'Grüße → joins the team',
          actor: expect.objectContaining({ via: 'cli', from: '127.0.0.1' }),
        }),
      ]),
    });
  });

  it('make tokens in the name of a person', async () => {
    const { code, stderr } = await netfold(['token', 'create', 'admin', '--user', 'carol@example.com']);
    expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining('# token ') });
    expect((await netfold(['token', 'list'])).stdout).toMatch(/ admin +carol@example.com +good until/);
    expect((await netfold(['token', 'list'])).stdout).toMatch(/ owner +owner@example.com +good +first start/);
  });

  it('say what the server said', async () => {
    expect(await netfold(['node', 'approve', 'nobody'])).toEqual({
      code: 1,
      stdout: '',
      stderr: 'netfold: there is no node "nobody"\n  netfold node list shows all nodes\n',
    });
  });
});

describe('netfold login', () => {
  it('keeps a token from standard input for its own server only, readable by nobody else', async () => {
    const words = ['login', '--server', control.httpUrl, '--token-file', '-'];
    const alone = { XDG_CONFIG_HOME: folder };
    const { code } = await run(words, { env: alone, stdin: `${control.adminToken}\n` });
    expect(code).toBe(0);
    expect((await stat(join(folder, 'netfold/credentials.json'))).mode & 0o777).toBe(0o600);
    expect((await run(['node', 'list'], { env: alone })).code).toBe(0);
    const { stderr } = await run(['node', 'list', '--server', 'http://127.0.0.1:1'], { env: alone });
    expect(stderr).toContain('there is no API token for http://127.0.0.1:1');
  });

  it('takes the first token from the files of the server when it was not kept', async () => {
    const shown = await run(['server', 'token', '--state-dir', join(folder, 'server')], { env: {} });
    expect({ code: shown.code, stdout: shown.stdout }).toEqual({ code: 0, stdout: `${control.adminToken}\n` });
    const elsewhere = await run(['server', 'token', '--state-dir', join(folder, 'nothing')], { env: {} });
    expect(elsewhere).toMatchObject({ code: 1, stderr: expect.stringContaining('no server has started here yet') });
  });

  it('says when a token is none', async () => {
    const { code, stderr } = await run(['node', 'list'], { env: { ...env, NETFOLD_TOKEN: 'nfa_a_b_c' } });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^netfold: /);
  });

  it('says when nobody answers', async () => {
    const { code, stderr } = await run(['node', 'list'], { env: { ...env, NETFOLD_SERVER: 'http://127.0.0.1:1' } });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^netfold: the control plane does not answer: .* \(http:\/\/127\.0\.0\.1:1\)$/m);
  });
});
