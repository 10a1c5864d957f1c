import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parse, parseAllDocuments } from 'yaml';
import { PORTS, serverPaths } from './endpoints.js';
import { mistakesOf, portOf, readCommandLine } from './server-options.js';

const FOLDER = 'infra/kubernetes';

interface Probe {
  readonly httpGet: { path: string; port: string; scheme: string };
  readonly periodSeconds: number;
  readonly failureThreshold: number;
}

interface Container {
  readonly image: string;
  readonly args: string[];
  readonly ports: { name: string; containerPort: number }[];
  readonly livenessProbe: Probe;
  readonly readinessProbe: Probe;
  readonly startupProbe: Probe;
  readonly lifecycle: { preStop: { sleep: { seconds: number } } };
  readonly resources: { requests: Record<string, string>; limits: Record<string, string> };
  readonly securityContext: object;
  readonly volumeMounts: { name: string; mountPath: string; readOnly?: boolean }[];
}

interface Resource {
  readonly kind: string;
  readonly metadata: { name: string; labels: Record<string, string> };
  // biome-ignore lint/suspicious/noExplicitAny: each kind has another form, and each test looks at a few places of it
  readonly spec: any;
  readonly automountServiceAccountToken?: boolean;
}

const resources: Resource[] = parseAllDocuments(readFileSync(`${FOLDER}/netfold.yaml`, 'utf8')).map((one) =>
  one.toJS(),
);
const of = (kind: string): Resource[] => resources.filter((one) => one.kind === kind);
const [deployment] = of('Deployment');
const pod = deployment?.spec.template.spec;
const labels: Record<string, string> = deployment?.spec.template.metadata.labels ?? {};
const container: Container = pod.containers[0];
const chart = parse(readFileSync(`${FOLDER}/netfold/Chart.yaml`, 'utf8'));

const selects = (selector: Record<string, string>): boolean =>
  Object.entries(selector).every(([name, value]) => labels[name] === value);

describe('the chart', () => {
  it('is of the version of netfold', () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
    expect(chart.appVersion).toBe(version);
    expect(container.image).toMatch(new RegExp(`:${version}$`));
  });

  it('has a schema that knows every value, and values for all that it knows', () => {
    const schema = JSON.parse(readFileSync(`${FOLDER}/netfold/values.schema.json`, 'utf8'));
    const values = parse(readFileSync(`${FOLDER}/netfold/values.yaml`, 'utf8'));
    const known = Object.keys(schema.properties).filter((name) => name !== 'global'); // helm's own
    expect(known.sort()).toEqual(Object.keys(values).sort());
    expect(schema.additionalProperties).toBe(false);
  });

  it('makes services, a budget, a policy and monitors of the pods that it makes', () => {
    const selectors = [
      ...of('Service').map(({ spec }) => spec.selector),
      ...[deployment, ...of('PodDisruptionBudget')].map((one) => one?.spec.selector.matchLabels),
      ...of('NetworkPolicy').map(({ spec }) => spec.podSelector.matchLabels),
    ];
    expect(selectors).toHaveLength(6);
    for (const selector of selectors) expect([selector, selects(selector)]).toEqual([selector, true]);
    const [monitor] = of('ServiceMonitor');
    const wanted = Object.entries<string>(monitor?.spec.selector.matchLabels ?? {});
    const seen = of('Service').filter(({ metadata }) =>
      wanted.every(([name, value]) => metadata.labels[name] === value),
    );
    expect(seen.map(({ spec }) => spec.ports[0].port)).toEqual([PORTS.metrics]);
    // What the rules call it.
    expect(seen[0]?.metadata.labels[monitor?.spec.jobLabel]).toBe('netfold');
    expect(readFileSync('infra/prometheus/netfold.rules.yml', 'utf8')).toContain('job="netfold"');
  });
});

describe('its pods', () => {
  it('start a command that netfold takes, and listen at the ports that are named', () => {
    const line = readCommandLine(container.args);
    expect(mistakesOf(line)).toEqual([]);
    expect(Object.fromEntries(container.ports.map(({ name, containerPort }) => [name, containerPort]))).toEqual({
      https: portOf(line.options.get('--listen')),
      agents: portOf(line.options.get('--listen-agents')),
      metrics: portOf(line.options.get('--metrics')),
    });
    expect(container.ports.map(({ containerPort }) => containerPort)).toEqual(Object.values(PORTS));
    expect(line.options.has('--quiet')).toBe(true); // the first token is in no log
  });

  it('find every file that they are told of, read-only, and write to two places', () => {
    const { options } = readCommandLine(container.args);
    const query = new URLSearchParams(options.get('--store')?.split('?')[1]);
    const files = [...query.values(), ...[...options.values()].filter((value) => value?.startsWith('/run/'))];
    expect(files.length).toBeGreaterThanOrEqual(5);
    const [readOnly, writable] = [true, undefined].map((way) =>
      container.volumeMounts.filter((one) => one.readOnly === way),
    );
    for (const file of files) expect(readOnly?.some(({ mountPath }) => file?.startsWith(`${mountPath}/`))).toBe(true);
    expect(writable?.map(({ mountPath }) => mountPath)).toEqual([options.get('--state-dir'), '/tmp']);
    const volumes = new Set(pod.volumes.map(({ name }: { name: string }) => name));
    for (const { name } of container.volumeMounts) expect(volumes).toContain(name);
    // The server reads a secret only where nobody but its user and group can.
    for (const { secret } of pod.volumes) if (secret) expect(secret.defaultMode & 0o27).toBe(0);
  });

  it('are asked at paths that there are, over TLS', () => {
    for (const probe of [container.livenessProbe, container.readinessProbe, container.startupProbe]) {
      expect(serverPaths()).toContain(probe.httpGet.path);
      expect(probe.httpGet).toMatchObject({ port: 'https', scheme: 'HTTPS' });
    }
    expect(container.livenessProbe.httpGet.path).not.toBe(container.readinessProbe.httpGet.path);
  });

  it('have time to send their agents away after nobody new comes', () => {
    const { readinessProbe: ready, lifecycle } = container;
    expect(lifecycle.preStop.sleep.seconds).toBeGreaterThanOrEqual(ready.periodSeconds);
    expect(pod.terminationGracePeriodSeconds - lifecycle.preStop.sleep.seconds).toBeGreaterThanOrEqual(15);
    expect(deployment?.spec.strategy.rollingUpdate).toEqual({ maxUnavailable: 0, maxSurge: 1 });
  });

  it('may do no more than they must', () => {
    expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    expect(readFileSync('infra/image/Dockerfile', 'utf8')).toContain(`USER ${pod.securityContext.runAsUser}:`);
    expect([pod.automountServiceAccountToken, of('ServiceAccount')[0]?.automountServiceAccountToken]).toEqual([
      false,
      false,
    ]);
    expect(Object.keys(container.resources.limits)).toContain('memory');
  });

  it('spread over zones and machines, and are emptied one at a time', () => {
    const keys = pod.topologySpreadConstraints.map(({ topologyKey }: { topologyKey: string }) => topologyKey);
    expect(keys).toEqual(['topology.kubernetes.io/zone', 'kubernetes.io/hostname']);
    expect(deployment?.spec.replicas).toBeGreaterThan(of('PodDisruptionBudget')[0]?.spec.maxUnavailable);
  });

  it('are reached, and reach, only where the policy says', () => {
    const [policy] = of('NetworkPolicy');
    expect(policy?.spec.policyTypes).toEqual(['Ingress', 'Egress']);
    const names = policy?.spec.ingress.flatMap(({ ports }: { ports: { port: string }[] }) =>
      ports.map(({ port }) => port),
    );
    expect(names).toEqual(container.ports.map(({ name }) => name));
    const { options } = readCommandLine(container.args);
    const open = policy?.spec.egress.flatMap(({ ports }: { ports: { port: number }[] }) =>
      ports.map(({ port }) => port),
    );
    const brokers = (options.get('--kafka') ?? '').split(',').map(portOf);
    expect(open).toEqual(expect.arrayContaining([53, 2113, ...brokers]));
  });
});
