import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { freePort } from '#host/testing';
import { TestAgent } from '../../apps/control/src/testing/test-agent.js';
import { TestControl } from '../../apps/control/src/testing/test-control.js';

const FOLDER = join(import.meta.dirname, '../../infra/prometheus');
const DASHBOARD = join(import.meta.dirname, '../../infra/grafana/netfold.json');

/** What the panels of the dashboard ask, for all replicas. */
const questions = (
  JSON.parse(readFileSync(DASHBOARD, 'utf8')) as { panels: { title: string; targets?: { expr: string }[] }[] }
).panels.flatMap(({ title, targets = [] }) =>
  targets.map(({ expr }) => [title, expr.replaceAll('$__rate_interval', '1m').replace(/\$(?:job|instance)/g, '.*')]),
) as [string, string][];

/** Prometheus' own tool, as Debian's package `prometheus` brings it. */
function promtool(...words: readonly string[]): { readonly status: number | null; readonly said: string } {
  const { status, stdout, stderr, error } = spawnSync('promtool', words, { cwd: FOLDER, encoding: 'utf8' });
  if (error) throw new Error(`promtool is missing: apt-get install prometheus (${error.message})`);
  return { status, said: stdout + stderr };
}

test.each([
  ['the rules are rules', ['check', 'rules', 'netfold.rules.yml']],
  ['the example configuration is one', ['check', 'config', 'prometheus.example.yml']],
  ['alerts come when they should, and stay away when they should', ['test', 'rules', 'netfold-rules.test.yml']],
])('%s', (_, words) => {
  const { status, said } = promtool(...words);
  expect(said).toContain('SUCCESS');
  expect(said).not.toMatch(/FAILED|lint|duplicate/i);
  expect(status).toBe(0);
});

describe('a Prometheus that watches a control plane', () => {
  let folder: string;
  let control: TestControl;
  let agent: TestAgent;
  let prometheus: ChildProcess;
  let base: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'netfold-prometheus-'));
    control = await TestControl.start({ metrics: { host: '127.0.0.1', port: 0 } });
    agent = new TestAgent(control.grpcAddress, 'web');
    await agent.register(await control.authKey());
    agent.connect();
    const address = `127.0.0.1:${await freePort()}`;
    base = `http://${address}/api/v1`;
    writeFileSync(join(folder, 'prometheus.yml'), configuration(new URL(control.metricsUrl ?? '').host));
    const options = [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${folder}/data`,
      `--web.listen-address=${address}`,
    ];
    prometheus = spawn('prometheus', options, { stdio: 'ignore' });
    await until(async () => (await series('netfold:agents_connected == 1')).length === 1);
  });
  afterAll(async () => {
    prometheus.kill();
    await once(prometheus, 'exit');
    await agent.close();
    await control.stop();
    rmSync(folder, { recursive: true });
  });

  const ask = async (path: string): Promise<unknown> => {
    const answer = (await (await fetch(`${base}/${path}`)).json()) as { status: string; error?: string; data: unknown };
    expect([answer.status, answer.error]).toEqual(['success', undefined]);
    return answer.data;
  };

  const series = async (expr: string): Promise<readonly unknown[]> =>
    ((await ask(`query?query=${encodeURIComponent(expr)}`)) as { result: unknown[] }).result;

  test('can work out every rule, and raises no alarm', async () => {
    const rules = async () =>
      (
        (await ask('rules')) as { groups: { rules: { name: string; health: string; state?: string }[] }[] }
      ).groups.flatMap((group) => group.rules);
    await until(async () => (await rules()).every(({ health }) => health !== 'unknown'));
    const all = await rules();
    expect(all.length).toBeGreaterThan(30);
    expect(all.filter(({ health, state = 'inactive' }) => health !== 'ok' || state !== 'inactive')).toEqual([]);
  });

  test.each(questions)('can answer what the dashboard asks: %s', async (_, expr) => {
    await series(expr);
  });

  test('has an answer to most of it', async () => {
    const answers = await Promise.all(
      questions.map(async ([title, expr]) => [title, (await series(expr)).length] as const),
    );
    const empty = answers.filter(([, count]) => count === 0).map(([title]) => title);
    // There is no publisher, and nothing has failed.
    expect(new Set(empty)).toEqual(new Set(['Failures of the store', 'Problems', 'Publisher', 'Sign-ins']));
  });
});

/** Watches this target, often, by the rules of the repository. */
const configuration = (target: string): string => `
global: { scrape_interval: 1s, evaluation_interval: 1s }
rule_files: ["${FOLDER}/netfold.rules.yml"]
scrape_configs:
  - job_name: netfold
    static_configs: [{ targets: ["${target}"] }]
`;

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition().catch(() => false))) await pause(200);
}
