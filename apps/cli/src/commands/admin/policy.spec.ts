import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TestControl } from '../../../../control/src/testing/test-control.js';
import { netfold, type Ran } from '../../testing/fake-io.js';

let control: TestControl;
let folder: string;
beforeAll(async () => {
  control = await TestControl.start();
  folder = await mkdtemp(join(tmpdir(), 'netfold-cli-'));
});
afterAll(async () => {
  await control.stop();
  await rm(folder, { recursive: true });
});

const run = (words: readonly string[], stdin = ''): Promise<Ran> =>
  netfold(words, { env: { NETFOLD_SERVER: control.httpUrl, NETFOLD_TOKEN: control.token }, stdin });

const OPEN_TO_ADMIN = `{
  "tagOwners": {"tag:web": []},
  "acls": [
    {"action": "accept", "src": ["admin@netfold.internal"], "dst": ["tag:web:443"]},
  ],
}
`;

describe('netfold set-acl', () => {
  it('--test says that a policy is good, and publishes nothing', async () => {
    const before = (await run(['policy', 'get'])).stdout;
    expect(await run(['set-acl', '--test'], OPEN_TO_ADMIN)).toEqual({
      code: 0,
      stdout: 'Policy file passed linting\n',
      stderr: '',
    });
    expect((await run(['policy', 'get'])).stdout).toBe(before);
  });

  it('--test passes with warnings', async () => {
    const { code, stdout, stderr } = await run(['policy', 'check'], '{"groups": {"eng": []}, "acls": []}');
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'Policy file passed linting\n' });
    expect(stderr.split('\n').slice(0, 4)).toEqual([
      'policy:1:13: warning: "eng" lacks its prefix and is read as "group:eng"',
      '  {"groups": {"eng": []}, "acls": []}',
      '              ^',
      '  write "group:eng"',
    ]);
  });

  it('shows every problem of a file with its place, and what to do', async () => {
    const file = join(folder, 'bad.hujson');
    await writeFile(file, '{\n  "acl": []\n  "groups": {"group:a": ["bob"]},\n}\n');
    expect(await run(['set-acl', '--test', file])).toEqual({
      code: 1,
      stdout: '',
      stderr: [
        `${file}:2:3: error: unknown field: "acl" in the policy`,
        '    "acl": []',
        '    ^',
        '  did you mean "acls"?',
        `${file}:3:3: error: a comma is missing before this`,
        '    "groups": {"group:a": ["bob"]},',
        '    ^',
        '  write a comma between two entries',
        `${file}:3:26: error: username must contain @, got: "bob"`,
        '    "groups": {"group:a": ["bob"]},',
        '                           ^',
        '  members of a group are login names',
        '',
      ].join('\n'),
    });
    expect(await readFile(file, 'utf8')).toContain('bob');
  });

  it('leaves the policy in force when the tests of a new one fail', async () => {
    const before = (await run(['policy', 'get'])).stdout;
    const tests = '"tests": [{"src": "admin@netfold.internal", "accept": ["tag:web:22"]}],\n}';
    const { code, stderr } = await run(['set-acl'], OPEN_TO_ADMIN.replace(/}\n$/, tests));
    expect(code).toBe(1);
    expect(stderr).toContain('admin@netfold.internal to tag:web:22 should be allowed, but would be denied\n');
    expect(stderr).toContain('  acls[0] (line 4) comes nearest: it opens 443, not 22\n');
    expect(stderr).toContain('netfold: the policy was refused; the one in force stays\n');
    expect((await run(['policy', 'get'])).stdout).toBe(before);
  });
});

describe('netfold policy explain', () => {
  beforeAll(async () => {
    expect(await run(['set-acl'], OPEN_TO_ADMIN)).toMatchObject({ code: 0, stdout: 'Success.\n' });
  });
  const explain = (...words: string[]): Promise<Ran> => run(['policy', 'explain', 'admin@netfold.internal', ...words]);

  it('names the rule that allows', async () => {
    expect(await explain('tag:web:443')).toEqual({
      code: 0,
      stdout: [
        'admin@netfold.internal to tag:web:443/tcp is allowed by acls[0]',
        '  line 4: admin@netfold.internal may reach tag:web:443',
        '  {"action": "accept", "src": ["admin@netfold.internal"], "dst": ["tag:web:443"]}',
        '',
      ].join('\n'),
      stderr: '',
    });
  });

  it('names the rule that comes nearest, and has an exit code of its own for no', async () => {
    const { code, stdout } = await explain('tag:web:22');
    expect(code).toBe(2);
    expect(stdout).toContain('is denied: no rule allows it; acls[0] comes nearest\n  line 4: it opens 443, not 22\n');
  });

  it('gives programs everything', async () => {
    const { code, stdout } = await explain('tag:web:443/udp', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ allowed: true, rule: { name: 'acls[0]', line: 4, verdict: 'allows' } });
  });

  it('takes a question that makes no sense for a failure, not for a no', async () => {
    expect(await explain('tag:web')).toMatchObject({ code: 1, stderr: expect.stringContaining('names no port') });
    expect(await explain('nobody:22')).toMatchObject({ code: 1, stderr: expect.stringContaining('is no node, user') });
  });
});
