import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

/** Where test/infra/tools.sh puts what it builds. */
const TOOLS = process.env.NETFOLD_TOOLS ?? join(homedir(), '.cache/netfold-tools');
const PATH = [TOOLS, process.env.PATH].join(delimiter);

interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function run(file: string, words: readonly string[], cwd = '.'): Ran {
  const { status, stdout, stderr } = spawnSync(file, words, { cwd, encoding: 'utf8', env: { ...process.env, PATH } });
  return { code: status, stdout, stderr };
}

/** A group of tests that needs a program; what is missing is said, and what to do about it. */
function withTool(tool: string, remedy: string, tests: () => void): void {
  const missing = run('sh', ['-c', `command -v ${tool}`]).code !== 0;
  if (missing) console.info(`not checked: there is no ${tool} here (${remedy})`);
  (missing ? describe.skip : describe)(tool, tests);
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'netfold-infra-'));
});
afterAll(() => rm(folder, { recursive: true }));

withTool('openssl', 'apt-get install openssl', () => {
  it('makes secrets that the containers can use, and makes them once', async () => {
    const compose = join(folder, 'compose');
    await cp('infra/compose', compose, { recursive: true, filter: (path) => !/\/(secrets|\.env)$/.test(path) });
    const secrets = (file: string) => join(compose, 'secrets', file);
    const make = () => run(join(compose, 'secrets.sh'), ['netfold.example.com', '203.0.113.7']);
    expect(make()).toMatchObject({ code: 0 });
    const first = await readFile(secrets('server-secret'));
    expect(first).toHaveLength(32);
    expect(make()).toMatchObject({ code: 0 });
    expect(await readFile(secrets('server-secret'))).toEqual(first);
    for (const [certificate, name] of [
      ['tls.crt', 'netfold.example.com'],
      ['store.crt', 'store-2'],
    ] as const) {
      const verify = ['verify', '-CAfile', secrets('ca.crt'), '-purpose', 'sslserver', '-verify_hostname', name];
      expect(run('openssl', [...verify, secrets(certificate)])).toMatchObject({ code: 0 });
    }
    // KurrentDB takes no other keys.
    expect(run('openssl', ['rsa', '-in', secrets('store.key'), '-noout', '-check'])).toMatchObject({ code: 0 });
  });
});

withTool('docker-compose', 'test/infra/tools.sh', () => {
  it('understands compose.yaml', () => {
    // It wants the files of the secrets; what is in them does not matter.
    const { code, stdout, stderr } = run('docker-compose', [
      '--file',
      'infra/compose/compose.yaml',
      'config',
      '--format',
      'json',
    ]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const replica = JSON.parse(stdout).services['replica-1'];
    expect(replica.command).toContain('--url=https://localhost:8443');
    expect(existsSync(join(replica.build.context, replica.build.dockerfile))).toBe(true);
  });
});

withTool('haproxy', 'apt-get install haproxy', () => {
  it('understands haproxy.cfg', async () => {
    // The names of the containers are known in Docker's network only.
    const file = join(folder, 'haproxy.cfg');
    const text = await readFile('infra/compose/haproxy.cfg', 'utf8');
    await writeFile(file, text.replaceAll(/ replica-\d:(\d+)/g, ' 127.0.0.1:$1'));
    const { code, stderr } = run('haproxy', ['-c', '-f', file]);
    expect({ code, stderr: stderr.replace(/^\[NOTICE\].*\n/gm, '') }).toEqual({ code: 0, stderr: '' });
  });
});

withTool('shellcheck', 'apt-get install shellcheck', () => {
  it.each(['infra/compose/secrets.sh', 'test/infra/tools.sh', 'test/infra/render.sh'])(
    'has nothing to say about %s',
    (file) => {
      expect(run('shellcheck', [file])).toEqual({ code: 0, stdout: '', stderr: '' });
    },
  );
});

/** All that can be switched on at once. */
const EVERYTHING = [
  'agentsUrl=https://agents.example.com:50443,tailnet=acme,owner=alice@example.com,oidc.existingSecret=oidc',
  'kafka.existingSecret=kafka,image.pullSecrets[0].name=pull,priorityClassName=high,extraArgs[0]=--log-level=debug',
  'tls.certManager.enabled=true,tls.certManager.issuerRef.name=ca,tls.certManager.dnsNames[0]=netfold.example.com',
  'ingress.enabled=true,ingress.host=netfold.example.com,ingress.className=nginx,ingress.tlsSecret=web',
  'metrics.prometheusRule.enabled=true,metrics.dashboard.enabled=true,service.type=LoadBalancer',
].flatMap((values) => ['--set', values]);

withTool('helm', 'test/infra/tools.sh', () => {
  const values = ['--kube-version', '1.30.0', '--values', 'infra/kubernetes/example-values.yaml'];
  const template = (...words: string[]) =>
    run('helm', ['template', 'netfold', 'infra/kubernetes/netfold', ...values, ...words]);

  it('finds nothing wrong with the chart', () => {
    const { code, stdout } = run('helm', ['lint', '--strict', 'infra/kubernetes/netfold', ...values]);
    expect({ code, failed: / (\d+) chart\(s\) failed/.exec(stdout)?.[1] }).toEqual({ code: 0, failed: '0' });
  });

  it('makes of it what netfold.yaml says', async () => {
    const file = join(folder, 'netfold.yaml');
    expect(run('test/infra/render.sh', [file])).toMatchObject({ code: 0 });
    const plain = (text: string) => text.replaceAll(/^\s*\n/gm, '');
    expect(plain(await readFile(file, 'utf8'))).toBe(plain(await readFile('infra/kubernetes/netfold.yaml', 'utf8')));
  });

  it.each([
    ['store.url=kurrentdb://netfold:password@db.example.com', '/store/url'], // a password is a secret
    ['url=http://netfold.example.com', '/url'],
    ['replicas=3', 'replicas'],
    ['drain.gracePeriodSeconds=1', '/drain/gracePeriodSeconds'],
  ])('refuses %s', (value, where) => {
    const { code, stderr } = template('--set', value);
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining(where) });
  });

  it('says what is needed', () => {
    const { code, stderr } = template('--set', 'kafka.brokers=null');
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('kafka.brokers names the brokers') });
  });

  withTool('kubectl-validate', 'test/infra/tools.sh', () => {
    it.each([
      ['the example', []],
      ['with everything that can be switched on', EVERYTHING],
    ])('Kubernetes takes %s', async (_, words) => {
      const { code, stdout } = template(...words);
      expect(code).toBe(0);
      expect(await mistakesIn(stdout)).toBe('');
    });

    it('Kubernetes would not take what is wrong', async () => {
      const wrong = template().stdout.replace('readOnlyRootFilesystem: true', 'readOnlyRootFilesystem: mostly');
      expect(await mistakesIn(wrong)).toContain('readOnlyRootFilesystem');
    });

    /** What the schemas of Kubernetes, and those of what is added to it, say against resources. */
    async function mistakesIn(resources: string): Promise<string> {
      const file = join(folder, 'rendered.yaml');
      await writeFile(file, resources);
      const schemas = join(TOOLS, 'crds');
      expect(readdirSync(schemas)).toHaveLength(3);
      const words = [resolve(file), '--version', '1.30', '--local-crds', schemas];
      const { code, stdout, stderr } = run('kubectl-validate', words);
      return code === 0 ? '' : `${stdout}${stderr}` || 'it failed';
    }
  });
});
