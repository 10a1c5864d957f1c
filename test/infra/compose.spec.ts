import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { PORTS, serverPaths } from './endpoints.js';
import { mistakesOf, portOf, readCommandLine } from './server-options.js';

const FOLDER = 'infra/compose';

interface Service {
  readonly image: string;
  readonly command?: string[];
  readonly entrypoint?: string[];
  readonly environment?: Record<string, string>;
  readonly volumes?: string[];
  readonly networks?: string[];
  readonly ports?: string[];
  readonly secrets?: (string | { source: string; target?: string })[];
  readonly depends_on?: string[];
  readonly read_only?: boolean;
  readonly cap_drop?: string[];
  readonly security_opt?: string[];
  readonly tmpfs?: string[];
  readonly stop_grace_period?: string;
}

interface Compose {
  readonly services: Record<string, Service>;
  readonly networks: Record<string, { internal?: boolean }>;
  readonly volumes: Record<string, unknown>;
  readonly secrets: Record<string, { file: string }>;
}

const read = (file: string): string => readFileSync(join(FOLDER, file), 'utf8');
const compose: Compose = parse(read('compose.yaml'), { merge: true });
const services = Object.entries(compose.services);
const named = (prefix: string) => services.filter(([name]) => name.startsWith(prefix));
const replicas = named('replica-');
const sourceOf = (secret: string | { source: string }): string => (typeof secret === 'string' ? secret : secret.source);

describe('compose.yaml', () => {
  it('declares what its services use', () => {
    for (const [name, service] of services) {
      for (const network of service.networks ?? [])
        expect([name, compose.networks]).toEqual([name, expect.objectContaining({ [network]: expect.anything() })]);
      for (const secret of service.secrets ?? []) expect(Object.keys(compose.secrets)).toContain(sourceOf(secret));
      for (const other of service.depends_on ?? []) expect(Object.keys(compose.services)).toContain(other);
      for (const volume of service.volumes ?? []) {
        const [source = ''] = volume.split(':');
        if (source.startsWith('.')) expect([source, existsSync(join(FOLDER, source))]).toEqual([source, true]);
        else expect(Object.keys(compose.volumes)).toContain(source);
      }
    }
    const used = new Set(services.flatMap(([, { secrets = [] }]) => secrets.map(sourceOf)));
    expect([...used].sort()).toEqual(Object.keys(compose.secrets).sort());
  });

  it('has a name and a version for every image, that of netfold the one of package.json', () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
    for (const [, { image }] of services) expect(image).toMatch(/^[\w./-]+:v?\d[\w.]*$/);
    for (const [, { image }] of replicas) expect(image).toBe(`netfold:${version}`);
  });

  it('takes every secret from a file that secrets.sh makes', () => {
    const script = read('secrets.sh');
    for (const { file } of Object.values(compose.secrets)) {
      const [, name = ''] = /^\.\/secrets\/(.+)$/.exec(file) ?? [];
      const made = name.endsWith('-password') ? name.replace(/-password$/, '') : name.replace(/\.(crt|key)$/, '');
      expect([file, name !== '' && new RegExp(`(^|[ /])${made}([ .;-]|$)`, 'm').test(script)]).toEqual([file, true]);
    }
    expect(read('.gitignore').split('\n')).toContain('secrets/');
  });

  it('has no password, and nothing secret in an environment or a command', () => {
    expect(read('compose.yaml')).not.toMatch(/password[^_\n]*[:=]\s*['"]?\w*(changeit|secret|admin)\b/i);
    for (const [, { environment = {} }] of services)
      for (const name of Object.keys(environment)) expect(name).not.toMatch(/(PASSWORD|SECRET|TOKEN)$/);
  });

  it('publishes the balancer, and to this machine Grafana', () => {
    const open = services.flatMap(([name, { ports = [] }]) => ports.map((port) => [name, port]));
    expect(open.map(([name]) => name)).toEqual(['balancer', 'balancer', 'grafana']);
    expect(open[2]?.[1]).toMatch(/^127\.0\.0\.1:/);
    for (const [name, { networks = [] }] of services)
      expect([name, networks]).toEqual([
        name,
        ['balancer', 'grafana'].includes(name) ? ['inside', 'outside'] : ['inside'],
      ]);
    expect(compose.networks.inside?.internal).toBe(true);
  });
});

describe('the store of compose.yaml', () => {
  it('has three members, each of which is told of the others', () => {
    const members = named('store-');
    const names = members.map(([name]) => name);
    expect(names).toEqual(['store-1', 'store-2', 'store-3']);
    for (const [name, { environment = {} }] of members) {
      expect(environment.KURRENTDB_CLUSTER_SIZE).toBe('3');
      expect(environment.KURRENTDB_INSECURE).toBeUndefined();
      expect(environment.KURRENTDB_NODE_HOST_ADVERTISE_AS).toBe(name);
      expect(environment.KURRENTDB_REPLICATION_HOST_ADVERTISE_AS).toBe(name);
      const others = names.filter((other) => other !== name).map((other) => `${other}:2113`);
      expect(environment.KURRENTDB_GOSSIP_SEED?.split(',')).toEqual(others);
      expect(read('secrets.sh')).toContain(`DNS:${name}`);
    }
  });
});

// KurrentDB reads the first passwords of its users from its environment only, and knows nothing of Docker's secrets.
it.each(named('store-'))(
  '%s starts with the passwords that the replicas have',
  (_, { entrypoint = [], secrets = [] }) => {
    const folder = mkdtempSync(join(tmpdir(), 'netfold-compose-'));
    try {
      for (const name of ['store_admin_password', 'store_ops_password']) {
        expect(secrets).toContain(name);
        writeFileSync(join(folder, name), `of ${name}`);
      }
      const [shell = '', ...words] = entrypoint.map((word) =>
        word.replaceAll('$$', '$').replaceAll('/run/secrets', folder).replace('/opt/kurrentdb/KurrentDB', 'env'),
      );
      const environment = execFileSync(shell, words, { encoding: 'utf8' }).split('\n');
      expect(environment).toContain('KURRENTDB_DEFAULT_ADMIN_PASSWORD=of store_admin_password');
      expect(environment).toContain('KURRENTDB_DEFAULT_OPS_PASSWORD=of store_ops_password');
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
);

describe('the replicas of compose.yaml', () => {
  it('are two, alike, with a command that netfold takes', () => {
    expect(replicas).toHaveLength(2);
    const [first, second] = replicas.map(([, { ...service }]) => service);
    expect({ ...first, hostname: '' }).toEqual({ ...second, hostname: '' });
    expect(mistakesOf(readCommandLine(first?.command ?? []))).toEqual([]);
  });

  it.each(replicas)('%s listens where others look for it', (_, { command = [] }) => {
    const { options } = readCommandLine(command);
    expect(portOf(options.get('--listen'))).toBe(PORTS.people);
    expect(portOf(options.get('--listen-agents'))).toBe(PORTS.agents);
    expect(portOf(options.get('--metrics'))).toBe(PORTS.metrics);
  });

  it.each(replicas)(
    '%s finds its store, its brokers and its files',
    (_, { command = [], secrets = [], tmpfs = [] }) => {
      const { options } = readCommandLine(command);
      const [, hosts = '', query = ''] = /^kurrentdb:\/\/admin@([^?]+)\?(.*)$/.exec(options.get('--store') ?? '') ?? [];
      for (const host of [...hosts.split(','), ...(options.get('--kafka') ?? '').split(',')])
        expect(Object.keys(compose.services)).toContain(host.split(':')[0]);
      const files = secrets.map((one) => `/run/secrets/${typeof one === 'string' ? one : (one.target ?? one.source)}`);
      const named = [
        ...new URLSearchParams(query).values(),
        ...[...options.values()].filter((value) => value?.startsWith('/run/')),
      ];
      expect(named.length).toBeGreaterThanOrEqual(5);
      for (const file of named) expect(files).toContain(file);
      expect(tmpfs.map((mount) => mount.split(':')[0])).toContain(options.get('--state-dir'));
    },
  );

  it.each(replicas)('%s may do no more than it must', (_, service) => {
    expect(service).toMatchObject({ read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] });
  });
});

describe('beside the replicas of compose.yaml', () => {
  const balancer = read('haproxy.cfg');

  it('the balancer passes on to all of them, and asks each whether it is ready', () => {
    for (const [name] of replicas) {
      expect(balancer).toMatch(new RegExp(`^ +server ${name} ${name}:${PORTS.people} check-ssl`, 'm'));
      expect(balancer).toMatch(
        new RegExp(`^ +server ${name} ${name}:${PORTS.agents} port ${PORTS.people} check-ssl`, 'm'),
      );
    }
    const paths = [...balancer.matchAll(/httpchk GET (\S+)/g)].map(([, path]) => path);
    expect(paths).toHaveLength(2);
    for (const path of paths) expect(serverPaths()).toContain(path);
  });

  it('the balancer listens at the ports that are published', () => {
    const bound = [...balancer.matchAll(/bind :(\d+)/g)].map(([, port]) => port);
    expect(compose.services.balancer?.ports?.map((port) => port.split(':').at(-1))).toEqual(bound);
  });

  it('Prometheus asks each of them', () => {
    const { scrape_configs: jobs } = parse(read('prometheus.yml'));
    expect(jobs[0].static_configs[0].targets).toEqual(replicas.map(([name]) => `${name}:${PORTS.metrics}`));
  });
});
