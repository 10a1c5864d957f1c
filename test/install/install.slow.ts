import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readUnit } from './unit-file.js';

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Everything that this machine's npm has set for the checkout must not leak into what is installed. */
const run = (file: string, words: readonly string[], cwd: string): Promise<Ran> =>
  new Promise((done) => {
    const child = execFile(file, words, { cwd, maxBuffer: 1 << 26, timeout: 240_000 }, (_, stdout, stderr) =>
      done({ code: child.exitCode ?? -1, stdout, stderr }),
    );
  });

describe('what npm pack makes', () => {
  let folder: string;
  const install = (...words: string[]) =>
    run(resolve('infra/install.sh'), [...words, '--prefix', join(folder, 'to'), '--unit-dir', units()], folder);
  /** With what is installed already. */
  const installAgain = (role: string) =>
    run(
      join(folder, 'to/lib/node_modules/netfold/infra/install.sh'),
      ['--prefix', join(folder, 'to'), '--unit-dir', units(), role],
      folder,
    );
  const units = () => join(folder, 'units');
  const netfold = (...words: string[]) => run(join(folder, 'to/bin/netfold'), words, folder);

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'netfold-install-'));
    const packed = await run('npm', ['pack', '--ignore-scripts', '--json', '--dry-run'], process.cwd());
    const [{ files, size, unpackedSize }] = JSON.parse(packed.stdout);
    console.info(`the tarball: ${kib(size)}, unpacked ${kib(unpackedSize)}, ${files.length} files`);
    expect(
      files.filter(({ path }: { path: string }) => /\.(spec|net|slow)\.|\/testing[/.]|^dist\/test/.test(path)),
    ).toEqual([]);
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('is made of a clone where nothing was built yet', async () => {
    const clone = join(folder, 'clone');
    const { stdout: files } = await run('git', ['ls-files', '-z'], process.cwd());
    for (const file of files.split('\0').filter(Boolean)) {
      await cp(file, join(clone, file), { preserveTimestamps: true, verbatimSymlinks: true });
    }
    await symlink(resolve('node_modules'), join(clone, 'node_modules'));
    const packed = await run('npm', ['pack', '--json', '--dry-run'], clone);
    const [made] = JSON.parse(packed.stdout);
    const paths = made.files.map(({ path }: { path: string }) => path);
    expect(paths).toContain('dist/apps/cli/src/main.js');
  });

  it('is installed with what it needs at run time and no more', async () => {
    const { code, stderr } = await install('--server', '--agent');
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining('is installed: ') });
    const installed = await readdir(join(folder, 'to/lib/node_modules/netfold/node_modules'));
    expect(installed.filter((name) => ['jest', 'typescript', 'fast-check', '@swc'].includes(name))).toEqual([]);
    expect(await netfold('--version')).toEqual({ code: 0, stdout: '0.1.0\n', stderr: '' });
    for (const file of ['bash-completion/completions/netfold', 'zsh/site-functions/_netfold'])
      expect((await stat(join(folder, 'to/share', file))).size).toBeGreaterThan(100);
  });

  it('brings what installs it: once more changes nothing', async () => {
    const before = await readFile(join(units(), 'netfold-agent.service'), 'utf8');
    expect(await installAgain('--agent')).toMatchObject({ code: 0 });
    expect(await readFile(join(units(), 'netfold-agent.service'), 'utf8')).toBe(before);
  });

  it('has units that start it', async () => {
    expect((await readdir(units())).sort()).toEqual(['netfold-agent.service', 'netfold-server.service']);
    const unit = readUnit(await readFile(join(units(), 'netfold-agent.service'), 'utf8'));
    const [node = '', , , main = '', ...words] = unit.get('Service.ExecStart')?.[0]?.split(' ') ?? [];
    expect({ node: existsSync(node), main: existsSync(main), words }).toEqual({
      node: true,
      main: true,
      words: ['agent', '$NETFOLD_AGENT_OPTIONS'],
    });
    expect(await run(node, [main, '--version'], folder)).toEqual({ code: 0, stdout: '0.1.0\n', stderr: '' });
  });

  it('has what makes the server one of several', async () => {
    expect(await installAgain('--replica')).toMatchObject({ code: 0 });
    expect(await readFile(join(units(), 'netfold-server.service.d/replica.conf'), 'utf8')).toBe(
      await readFile('infra/systemd/netfold-server-replica.conf', 'utf8'),
    );
  });

  it('runs a server and an agent, away from the checkout', async () => {
    const daemons = new Daemons(join(folder, 'to/bin/netfold'), folder);
    try {
      const listen = ['--listen', '127.0.0.1:0', '--listen-agents', '127.0.0.1:0'];
      const server = await daemons.start(['server', '--state-dir', 's', ...listen, '--json'], 'stdout', /^\}/);
      const { httpUrl, adminToken } = JSON.parse(server.join('\n'));
      await daemons.start(['agent', '--state-dir', 'a', '--socket', 'sock'], 'stderr', /listening at/);
      await writeFile(join(folder, 'token'), adminToken, { mode: 0o600 });
      await mkdir(join(folder, 'home'));
      expect(await daemons.run('login', '--server', httpUrl, '--token-file', 'token')).toMatchObject({ code: 0 });
      const { stdout: key } = await daemons.run('key', 'create');
      await writeFile(join(folder, 'key'), key, { mode: 0o600 });
      const up = [
        'up',
        '--socket',
        'sock',
        '--server',
        httpUrl,
        '--auth-key-file',
        'key',
        '--hostname',
        'here',
        '--userspace',
      ];
      expect(await daemons.run(...up)).toEqual({ code: 0, stdout: 'Success.\n', stderr: '' });
      expect((await daemons.run('status', '--socket', 'sock')).stdout).toMatch(/^100\.64\.\S+ +here +\S+ +linux +-$/m);
    } finally {
      await daemons.stop();
    }
  });

  it('plays the quickstart, away from the checkout', async () => {
    const { code, stdout, stderr } = await netfold('quickstart', '--once', '--json');
    expect({ code, stderr, ok: JSON.parse(stdout).ok }).toEqual({ code: 0, stderr: '', ok: true });
  });

  it('is taken away, twice', async () => {
    for (const _ of [1, 2]) expect(await install('--uninstall')).toMatchObject({ code: 0 });
    expect(await readdir(units())).toEqual([]);
    expect(await readdir(join(folder, 'to/lib/node_modules'))).toEqual(expect.not.arrayContaining(['netfold']));
    expect(existsSync(join(folder, 'to/bin/netfold'))).toBe(false);
    expect(existsSync(join(folder, 'to/share/bash-completion/completions/netfold'))).toBe(false);
  });

  it.each([
    [['--nonsense'], 'unknown option --nonsense'],
    [['--tarball'], '--tarball needs a value'],
    [['--purge'], '--purge is for --uninstall'],
    [['--tarball', '/nowhere.tgz'], 'cannot read /nowhere.tgz'],
  ])('is not installed with %j', async (words, text) => {
    const { code, stderr } = await run(resolve('infra/install.sh'), ['--prefix', join(folder, 'to'), ...words], folder);
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining(text) });
  });
});

const kib = (bytes: number): string => `${Math.round(bytes / 1024)} KiB`;

/** Programs that run until they are stopped, with a home of their own. */
class Daemons {
  readonly #stops: (() => Promise<unknown>)[] = [];

  constructor(
    readonly command: string,
    readonly folder: string,
  ) {}

  get env() {
    return { PATH: process.env.PATH, HOME: join(this.folder, 'home') };
  }

  run(...words: string[]): Promise<Ran> {
    return new Promise((done) => {
      const child = execFile(this.command, words, { cwd: this.folder, env: this.env }, (_, stdout, stderr) =>
        done({ code: child.exitCode ?? -1, stdout, stderr }),
      );
    });
  }

  /** What it prints until the line that says that it is ready. */
  async start(words: readonly string[], stream: 'stdout' | 'stderr', ready: RegExp): Promise<string[]> {
    const other = stream === 'stdout' ? 'ignore' : 'pipe';
    const stdio: ['ignore', 'ignore' | 'pipe', 'ignore' | 'pipe'] = [
      'ignore',
      stream === 'stdout' ? 'pipe' : 'ignore',
      other,
    ];
    const child = spawn(this.command, words, { cwd: this.folder, env: this.env, stdio });
    this.#stops.push(async () => {
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      await gone;
    });
    const input = child[stream];
    if (!input) throw new Error('nothing to read');
    const lines: string[] = [];
    for await (const line of createInterface({ input })) {
      lines.push(line);
      if (ready.test(line)) break;
    }
    input.resume(); // what follows is of no interest, and must not fill the pipe
    return lines;
  }

  async stop(): Promise<void> {
    for (const stop of this.#stops.splice(0).reverse()) await stop();
  }
}
