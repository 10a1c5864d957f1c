import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { type RunningControl, startControl } from '../../../../control/src/index.js';
import { type Ran, netfold as run } from '../../testing/fake-io.js';

const ANY_PORT = { host: '127.0.0.1', port: 0 };
const OPEN = `{
  // who may reach what
  "acls": [{"action": "accept", "src": ["*"], "dst": ["*:*"]}],
}`;
const NARROW = OPEN.replace('*:*', '*:22');
const GROUPED = OPEN.replace('"acls"', '"groups": {"group:a": ["owner@example.com"]},\n  "acls"');

let folder: string;
let control: RunningControl;
/** Token files by name. */
const tokens: Record<string, string> = {};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'netfold-change-'));
  const logger = pino({ level: 'silent' });
  const tailnet = { name: 'test', ownerLogin: 'owner@example.com' };
  control = await startControl({ stateDir: join(folder, 'server'), http: ANY_PORT, grpc: ANY_PORT, tailnet, logger });
  tokens.owner = control.adminToken ?? '';
  for (const [name, role] of Object.entries({ nora: 'network-admin', ned: 'network-admin', audrey: 'auditor' })) {
    await by('owner', ['user', 'add', `${name}@example.com`, '--role', role]);
    const made = await by('owner', ['token', 'create', role, '--user', `${name}@example.com`]);
    tokens[name] = made.stdout.trim();
  }
  await by('owner', ['set-acl'], OPEN);
  await by('owner', ['change', 'rule', 'policy', '--role', 'network-admin']);
});
afterAll(async () => {
  await control.close();
  await rm(folder, { recursive: true });
});

const by = (who: string, words: readonly string[], stdin = ''): Promise<Ran> =>
  run(words, { env: { NETFOLD_SERVER: control.httpUrl, NETFOLD_TOKEN: tokens[who], XDG_CONFIG_HOME: folder }, stdin });

async function proposed(title: string, policy: string, ...more: string[]): Promise<string> {
  const { stdout } = await by(
    'nora',
    ['change', 'propose', '--title', title, '--policy', '-', '--json', ...more],
    policy,
  );
  return (JSON.parse(stdout) as { changeId: string }).changeId;
}

describe('netfold change', () => {
  it('says what needs approval, and who must give it', async () => {
    expect((await by('owner', ['change', 'rules'])).stdout).toBe(
      'WHAT    APPROVALS  BY\npolicy          1  network-admin or above\n',
    );
    const refused = await by('nora', ['set-acl'], NARROW);
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toBe(
      'netfold: PublishAcl needs 1 approval (network-admin)\n  propose it instead: netfold change propose\n',
    );
  });

  it('goes from a proposal to its end, and each step names the next', async () => {
    const { stdout } = await by(
      'nora',
      ['change', 'propose', '--title', 'only ssh', '--reason', 'an audit', '--policy', '-'],
      NARROW,
    );
    const id = /Proposed as (c[0-9a-f]{10})/.exec(stdout)?.[1] ?? '';
    expect(stdout).toContain(`only ssh  ${id}  needs approval\n`);
    expect(stdout).toMatch(/ {2}proposed by +nora@example.com, 20.* UTC \(revision \d+\)\n {2}reason +an audit\n/);
    expect(stdout).toContain('approvals    0 of 1 by people who are network-admin or above\n');
    expect(stdout).toContain('Command\n  1  publish a policy of 4 lines\n');
    expect(stdout).toMatch(/-.*\*:\*.*\n.*\+.*\*:22/);
    expect(stdout).toContain(`\nNext: somebody else (network-admin) runs: netfold change approve ${id}\n`);

    expect((await by('nora', ['change', 'approve', id])).stderr).toContain('nobody reviews a change of their own');
    const early = await by('nora', ['change', 'apply', id]);
    expect(early.stderr).toMatch(/^netfold: this change needs 1 more approval \(network-admin\)\n/);
    const approved = await by('ned', ['change', 'approve', id, '--comment', 'fine']);
    expect(approved.stderr).toContain(`Next: netfold change apply ${id}\n`);
    expect(approved.stdout).toMatch(/only ssh[\s\S]*c[0-9a-f]{10} has your approval. \(revision \d+\)\n$/);

    const list = await by('owner', ['change', 'list']);
    expect(list.stdout).toMatch(
      /^CHANGE +STATE +APPROVALS +AGE +BY +TITLE\nc\w+ +ready +1 of 1 +\w+ +nora@example.com +only ssh\n$/,
    );
    expect((await by('nora', ['change', 'apply', id])).stdout).toMatch(/is applied. \(revision \d+\)\n$/);
    expect((await by('owner', ['policy', 'get'])).stdout.trimEnd()).toBe(NARROW);
    const done = (await by('owner', ['change', 'show', id])).stdout;
    expect(done).toContain(`only ssh  ${id}  applied\n`);
    expect(done).toContain('approved by  ned@example.com');
    expect(done).toContain('1  publish a policy of 4 lines');
    expect((await by('owner', ['change', 'list'])).stdout).toBe('No change is open: netfold change propose --help\n');
    expect((await by('owner', ['log', '--type', 'ChangeApplied'])).stdout).toContain(
      `change ${id} was applied: 1 event`,
    );
    const published = (await by('owner', ['log', '--type', 'AclPublished', '-n', '1'])).stdout;
    expect(published).toContain(`— change ${id}: only ssh`);

    const undo = await by('nora', ['revert', id]);
    expect(undo.stdout).toContain(`take back ${id}: only ssh`);
    await by('nora', ['change', 'withdraw', /Proposed as (\w+)/.exec(undo.stdout)?.[1] ?? '']);
  });

  it('shows whose approval no rule counts', async () => {
    const id = await proposed('only ssh again', OPEN.replace('*:*', '*:2222'));
    const { stdout, stderr } = await by('audrey', ['change', 'approve', id]);
    expect(stdout).toMatch(/has your approval/);
    expect(stderr).toContain(`Next: somebody else (network-admin) runs: netfold change approve ${id}\n`);
    const shown = (await by('nora', ['change', 'show', id])).stdout;
    expect(shown).toContain('0 of 1 by people who are network-admin or above\n');
    expect(shown).toMatch(/approved by +audrey@example.com \(does not count\), 20/);
    await by('nora', ['change', 'withdraw', id]);
  });

  it('says when it would do something else by now than what was approved', async () => {
    const dns = { magicDns: false, nameservers: [], searchDomains: [], splitDns: {}, records: [] };
    const acl = { type: 'PublishAcl', data: { text: OPEN.replace('*:*', '*:25') } };
    const commands = JSON.stringify([{ type: 'ConfigureDns', data: dns }, acl]);
    const propose = ['change', 'propose', '--title', 'mail', '--commands', '-', '--json'];
    const { changeId: id } = JSON.parse((await by('nora', propose, commands)).stdout) as { changeId: string };
    await by('ned', ['change', 'approve', id]);
    expect((await by('nora', ['change', 'show', id])).stdout).toContain(`mail  ${id}  ready\n`);
    await by('owner', ['dns', 'set', '--no-magic-dns']);
    const { stdout } = await by('nora', ['change', 'show', id]);
    expect(stdout).toContain(`mail  ${id}  needs approval again\n`);
    expect(stdout).toMatch(
      /\nOther than when it was approved, so that approval does not count any more:\n {2}- names of machines: is not resolved, was resolved\n/,
    );
    expect(stdout).toContain(`Next: somebody else (network-admin) runs: netfold change approve ${id}\n`);
    await by('nora', ['change', 'withdraw', id]);
  });

  it('says why something cannot be taken back', async () => {
    const { stderr, code } = await by('owner', ['revert', '0']);
    expect(code).toBe(1);
    expect(stderr).toBe(
      'netfold: TailnetCreated (revision 0) cannot be taken back: a tailnet that exists cannot be made not to have been\n',
    );
  });

  it('ends with a rejection, too', async () => {
    const id = await proposed('all', OPEN);
    expect((await by('ned', ['change', 'reject', id, '--comment', 'why?'])).stdout).toMatch(/is rejected/);
    expect((await by('nora', ['change', 'apply', id])).stderr).toContain(`the change ${id} was rejected already`);
    expect((await by('nora', ['change', 'show', id])).stdout).toMatch(/rejected by +ned@example.com, .*: why\?/);
  });

  it('is scheduled for a time with a zone, or for so long from now', async () => {
    const id = await proposed('later', OPEN, '--expires', '8h');
    expect((await by('nora', ['change', 'schedule', id, '--at', '2026-11-01T10:00'])).stderr).toContain(
      'Write it like',
    );
    const at = `${new Date(Date.now() + 864e5).toISOString().slice(0, 16)}Z`;
    expect((await by('nora', ['change', 'schedule', id, '--at', at])).stdout).toContain('is to be applied at');
    const { stdout } = await by('nora', ['change', 'show', id]);
    expect(stdout).toContain('scheduled for');
    expect(stdout).toContain('holds for      8h once it is applied');
    await by('nora', ['change', 'withdraw', id]);
  });

  it('takes any commands, and machines by name', async () => {
    const file = join(folder, 'commands.json');
    await writeFile(file, JSON.stringify([{ type: 'RenameNode', data: { nodeId: 'nowhere', name: 'x' } }]));
    const { stderr } = await by('owner', ['change', 'propose', '--title', 't', '--commands', file]);
    expect(stderr).toContain('command 1 (RenameNode): there is no node nowhere');
    const words = ['change', 'propose', '--title', 't', '--approve-route', 'nowhere', '10.0.0.0/8'];
    expect((await by('owner', words)).stderr).toContain('there is no node nowhere');
    expect((await by('owner', words.slice(0, -1))).stderr).toContain('a route is a machine and a prefix');
    expect((await by('owner', words.slice(0, 4))).stderr).toContain('there is nothing to propose');
    const none = await by('owner', ['change', 'propose', '--title', 't', '--commands', '-'], '{}');
    expect(none.stderr).toContain('this is not a list of commands');
  });

  it('announces emergencies until somebody else has seen them', async () => {
    const words = ['set-acl', '--overwrite', '--emergency', 'locked out'];
    expect((await by('nora', words, OPEN)).stderr).toContain('one may not set the rules of review aside');
    expect((await by('owner', words, OPEN)).stdout).toBe('Success.\n');
    const { stdout } = await by('ned', ['change', 'list']);
    expect((await by('nora', ['user', 'list'])).stderr).toBe(
      '# an emergency waits to be acknowledged: netfold change list\n',
    );
    const ready = await (await fetch(`${control.httpUrl}/readyz`)).json();
    expect(ready).toEqual({ status: 'ready', emergencies: 1, paused: 0 });
    expect(stdout).toMatch(/^EMERGENCY (e\w+): owner@example.com ran PublishAcl without approval, .*: locked out\n/);
    expect((await by('ned', ['log', '--type', 'ReviewOverridden'])).stdout).toContain('EMERGENCY: PublishAcl');
    const id = /EMERGENCY (\S+):/.exec(stdout)?.[1] ?? '';
    expect((await by('ned', ['change', 'acknowledge', id])).stdout).toContain('is acknowledged');
    expect((await by('ned', ['change', 'list'])).stdout).not.toContain('EMERGENCY');
  });
});

describe('two people who edit the policy', () => {
  it('are both heard when their edits go together', async () => {
    await by('owner', ['set-acl', '--overwrite', '--emergency', 'a test'], OPEN);
    const got = await by('nora', ['policy', 'get']);
    const base = /--if-revision (\d+)/.exec(got.stderr)?.[1] ?? '';
    await by('owner', ['set-acl', '--overwrite', '--emergency', 'a test'], NARROW);
    const late = await by('owner', ['set-acl', '--emergency', 'a test', '--if-revision', base], GROUPED);
    expect(late.code).toBe(1);
    expect(late.stderr).toContain('add --merge to publish both edits together');
    const merged = await by('owner', ['set-acl', '--emergency', 'a test', '--if-revision', base, '--merge'], GROUPED);
    expect(merged).toMatchObject({ code: 0, stdout: 'Success.\n' });
    expect(merged.stderr).toMatch(/\n# merged with the policy of revision \d+\n/);
    const { stdout } = await by('owner', ['policy', 'get']);
    expect(stdout).toContain('group:a');
    expect(stdout).toContain('*:22');
    const words = ['change', 'propose', '--title', 'both', '--policy', '-', '--base', base];
    const tagged = OPEN.replace('}],', '}],\n  "tagOwners": {"tag:web": []},');
    expect((await by('nora', words, tagged)).stderr).toContain('the policy was edited at revision');
    const both = await by('nora', [...words, '--merge'], tagged);
    const id = /Proposed as (\w+)/.exec(both.stdout)?.[1] ?? '';
    await by('ned', ['change', 'approve', id]);
    await by('owner', ['set-acl', '--overwrite', '--emergency', 'a test'], NARROW.replace('*:22', '*:23'));
    expect((await by('nora', ['change', 'list'])).stdout).toMatch(new RegExp(`^${id} +conflict `, 'm'));
    expect((await by('nora', ['change', 'apply', id])).stderr).toContain(
      `# both edits go together: netfold change renew ${id}`,
    );
    const renewed = await by('nora', ['change', 'renew', id]);
    expect(renewed.stderr).toContain(`# ${id} is withdrawn`);
    expect(renewed.stdout).toMatch(/Proposed as c\w+[\s\S]*\+ .*tagOwners/);
    expect(both.stdout).toMatch(/\+ .*tagOwners/);
  });

  it('are shown where they contradict each other', async () => {
    await by('owner', ['set-acl', '--overwrite', '--emergency', 'a test'], OPEN);
    const base = /--if-revision (\d+)/.exec((await by('nora', ['policy', 'get'])).stderr)?.[1] ?? '';
    await by('owner', ['set-acl', '--overwrite', '--emergency', 'a test'], NARROW);
    const words = ['set-acl', '--emergency', 'a test', '--if-revision', base, '--merge'];
    const { code, stderr } = await by('owner', words, OPEN.replace('*:*', '*:80'));
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /Both edits touch the same places:\n {2}acls\[0\].*: .*\n {4}yours \(line 3\): .*80.*\n {4}theirs \(line 3\): .*22/,
    );
    expect(stderr).toContain('netfold: the policy was refused; the one in force stays');
    expect((await by('owner', ['set-acl', '--merge'], OPEN)).stderr).toContain('it is not known where your edit began');
  });
});
