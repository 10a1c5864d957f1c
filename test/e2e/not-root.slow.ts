import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MeshInProcess } from './mesh-in-process.js';

// nobody(5) where the tests run as root, and otherwise whoever runs them.
const OTHER = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
const PROGRAM = ['--disable-warning=ExperimentalWarning', 'dist/apps/cli/src/main.js'];

describe('an agent of an ordinary user', () => {
  let folder: string;
  let agent: ChildProcess;
  let mesh: MeshInProcess;
  const env = () => ({ PATH: process.env.PATH, HOME: folder, NETFOLD_SOCKET: join(folder, 'run/sock') });

  const netfold = (...words: string[]): Promise<{ code: number; stdout: string; stderr: string }> =>
    new Promise((done) => {
      const child = execFile(process.execPath, [...PROGRAM, ...words], { env: env(), ...OTHER }, (_, stdout, stderr) =>
        done({ code: child.exitCode ?? -1, stdout, stderr }),
      );
    });

  beforeAll(async () => {
    mesh = await MeshInProcess.start();
    folder = await mkdtemp(join(tmpdir(), 'netfold-user-'));
    await chmod(folder, 0o755);
    for (const name of ['run', 'roots']) await mkdir(join(folder, name), { mode: 0o700 });
    if (OTHER.uid !== undefined)
      for (const path of [folder, join(folder, 'run')]) await chown(path, OTHER.uid, OTHER.gid);
    const words = [...PROGRAM, 'agent', '--state-dir', join(folder, 'state')];
    agent = spawn(process.execPath, words, { env: env(), stdio: ['ignore', 'ignore', 'ignore', 'ipc'], ...OTHER });
    await once(agent, 'message');
  });
  afterAll(async () => {
    const gone = once(agent, 'exit');
    agent.kill();
    await gone;
    await rm(folder, { recursive: true });
    await mesh.close();
  });

  it('is no member yet, and says how to become one', async () => {
    expect(await netfold('status')).toMatchObject({ code: 1, stdout: expect.stringContaining('not a member') });
  });

  it('makes no interface, and says what it can do instead', async () => {
    const key = join(folder, 'key');
    await writeFile(key, await mesh.authKey({ user: 'admin@netfold.internal' }), { mode: 0o644 });
    const server = ['--server', mesh.control.httpUrl, '--auth-key-file', key];
    const refused = await netfold('up', ...server, '--hostname', 'mine', '--no-userspace');
    const why = 'this agent does not run as root, so it can make no network interface: ';
    const hint = 'start the agent with sudo, or do without an interface: netfold up --userspace';
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toMatch(new RegExp(`^netfold: ${why}.+\n  ${hint}\n$`));
    const status = await netfold('status');
    expect(status).toMatchObject({ code: 1, stdout: 'netfold is stopped. Start it with: netfold up\n' });
    expect(status.stderr).toContain(`\n# Health check:\n#     - ${why}`);
    expect(await netfold('up', '--userspace')).toEqual({ code: 0, stdout: 'Success.\n', stderr: '' });
    expect(await netfold('status')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^\S+ +mine +/),
      stderr: '',
    });
  });

  it('belongs to that user alone', async () => {
    if (OTHER.uid === undefined) return; // there is no other user to be
    const { code, stderr } = await netfold('status', '--socket', join(folder, 'roots/sock'));
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(
        /^netfold: the agent belongs to another user \(.*\n {2}run the same command with sudo\n$/,
      ),
    });
  });
});
