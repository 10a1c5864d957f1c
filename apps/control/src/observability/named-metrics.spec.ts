import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { parse } from 'yaml';
import { ServerStatus } from '../config/server-status.js';
import { newStreamCounters } from '../stream/stream-counters.js';
import { stateMetrics } from './metrics/state-metrics.js';
import { streamMetrics } from './metrics/stream-metrics.js';
import { Observability } from './observability.js';

const INFRA = join(import.meta.dirname, '../../../../infra');
const read = (path: string): string => readFileSync(join(INFRA, path), 'utf8');

interface Rules {
  readonly groups: readonly {
    readonly rules: readonly { readonly record?: string; readonly alert?: string; readonly expr: string }[];
  }[];
}
interface RuleTests {
  readonly tests: readonly {
    readonly alert_rule_test?: readonly { readonly alertname: string; readonly exp_alerts?: unknown }[];
  }[];
}
interface Panel {
  readonly id: number;
  readonly title: string;
  readonly type: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly { readonly expr: string }[];
}

const rules = (parse(read('prometheus/netfold.rules.yml')) as Rules).groups.flatMap((group) => group.rules);
const dashboard = JSON.parse(read('grafana/netfold.json')) as { readonly panels: readonly Panel[] };
const recorded = rules.flatMap(({ record }) => record ?? []);
const expressions = [
  ...rules.map(({ record, alert, expr }) => [record ?? alert ?? '', expr] as const),
  ...dashboard.panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => [title, expr] as const)),
];

/** What a metric is called, and its labels, of all that a server can say. */
const known = new Map<string, readonly string[]>();

beforeAll(() => {
  const observability = new Observability({ now: () => 0 }, pino({ level: 'silent' }));
  const { metrics } = observability;
  metrics.watchProcess();
  metrics.cluster.underLease('test', async () => {});
  metrics.cluster.watchBus(() => ({ connected: true, waiting: 0, dropped: 0, unhandled: 0 }));
  metrics.cluster.watchFlows({ published: 0, dropped: 0, tooOften: 0 });
  metrics.cluster.watchPublisher({ published: 0, omitted: 0, problem: undefined, publishedUntil: 0 }, () => 0);
  const status = new ServerStatus('test', true);
  const tls = { cert: Buffer.from(CERTIFICATE), key: Buffer.alloc(0) };
  stateMetrics(metrics.registry, { all: () => [], paused: () => [] }, status, { now: () => 0 }, tls);
  streamMetrics(metrics.registry, newStreamCounters());
  for (const metric of metrics.registry.getMetricsAsArray()) {
    const { name, labelNames, type } = metric as unknown as { name: string; labelNames: string[]; type: string };
    known.set(name, labelNames);
    if (type !== 'histogram') continue;
    for (const part of ['bucket', 'sum', 'count']) known.set(`${name}_${part}`, [...labelNames, 'le']);
  }
});

const NAME = /\b(?:netfold|nodejs|process)[_:][a-z0-9_:]+\b/g;
const SELECTOR = /\b((?:netfold|nodejs|process)_[a-z0-9_]+)\{([^}]*)\}/g;
/** What Prometheus adds by itself. */
const ADDED = ['job', 'instance'];

describe.each(expressions)('%s', (_, expr) => {
  test('names only what there is', () => {
    const names = [...expr.matchAll(NAME)].map(([name]) => name);
    expect(names.length + Number(expr.includes('up{'))).toBeGreaterThan(0);
    for (const name of names) expect([...known.keys(), ...recorded]).toContain(name);
  });

  test('selects and groups by labels that there are', () => {
    for (const [, name = '', selector = ''] of expr.matchAll(SELECTOR)) {
      const labels = [...selector.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].map(([, label]) => label);
      for (const label of labels) expect([...(known.get(name) ?? []), ...ADDED]).toContain(label);
    }
    const all = [...expr.matchAll(NAME)].flatMap(([name]) => known.get(name) ?? []);
    for (const [, list = ''] of expr.matchAll(/\bby \(([^)]*)\)/g)) {
      for (const label of list.split(/,\s*/)) expect([...all, ...ADDED]).toContain(label);
    }
  });
});

test('every metric of netfold is shown or watched somewhere', () => {
  const used = new Set(expressions.flatMap(([, expr]) => [...expr.matchAll(NAME)].map(([name]) => name)));
  const ours = [...known.keys()].filter((name) => /^netfold_/.test(name) && !/_(bucket|sum|count)$/.test(name));
  const unused = ours.filter((name) => !['', '_bucket', '_sum', '_count'].some((part) => used.has(name + part)));
  expect(unused).toEqual([]);
});

test('every alert is shown to come, and by which rule', () => {
  const { tests } = parse(read('prometheus/netfold-rules.test.yml')) as RuleTests;
  const cases = tests.flatMap(({ alert_rule_test = [] }) => alert_rule_test);
  const shown = cases.flatMap(({ alertname, exp_alerts }) => (exp_alerts ? [alertname] : []));
  expect(new Set(shown)).toEqual(new Set(rules.flatMap(({ alert }) => alert ?? [])));
});

test('the panels of the dashboard lie beside each other, within its width, and none on another', () => {
  const taken = new Map<string, string>();
  for (const { title, gridPos } of dashboard.panels) {
    expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
        expect([title, taken.get(`${x} ${y}`)]).toEqual([title, undefined]);
        taken.set(`${x} ${y}`, title);
      }
    }
  }
  const ids = dashboard.panels.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
});

const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBcjCCARmgAwIBAgIUeQbXCRw8Kf4tq3OSVxCJ9imtcBIwCgYIKoZIzj0EAwIw
DzENMAsGA1UEAwwEdGVzdDAeFw0yNjExMjMwODQwMTZaFw0zNjExMjAwODQwMTZa
MA8xDTALBgNVBAMMBHRlc3QwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAARdp1l6
i941Uy5+5ve6tEllwb5NzbqLhY7vyHJwpvb44j6WUXJhclLoCNLxyd+JQLo6MoK/
0YCQYYVu3HDRfq4Uo1MwUTAdBgNVHQ4EFgQUXbwVefsMmmtt8VecWD5DrMk3WVsw
HwYDVR0jBBgwFoAUXbwVefsMmmtt8VecWD5DrMk3WVswDwYDVR0TAQH/BAUwAwEB
/zAKBggqhkjOPQQDAgNHADBEAiA2cjthFN2NlaxuIAx8KxU9qL/dqVfkDj6h16r7
0K1FzQIgRcoimi7AdiC/wsw2CQB7kMyqdpXGgifRDDngeL1VYRo=
-----END CERTIFICATE-----`;
