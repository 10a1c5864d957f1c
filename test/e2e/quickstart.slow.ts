import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { beforeAll, describe, expect, it } from '@jest/globals';

interface Step {
  readonly name: string;
  readonly ok: boolean;
  readonly problem?: object;
  readonly [figure: string]: unknown;
}

/** What `npm start -- --once --json` does: the built program, with agents in processes of their own. */
const play = (): Promise<{ code: number; stdout: string; stderr: string }> =>
  new Promise((resolve) => {
    const words = [
      '--disable-warning=ExperimentalWarning',
      'dist/apps/cli/src/main.js',
      'quickstart',
      '--once',
      '--json',
    ];
    const child = execFile(process.execPath, words, { timeout: 240_000 }, (_, stdout, stderr) =>
      resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    );
  });

describe('the quickstart', () => {
  let outcome: { ok: boolean; steps: Step[] };
  const step = (name: string) => outcome.steps.find((other) => other.name === name);
  beforeAll(async () => {
    const { code, stdout, stderr } = await play();
    expect(stderr).toBe('');
    outcome = JSON.parse(stdout);
    expect({ code, ok: outcome.ok, problems: outcome.steps.map(({ problem }) => problem) }).toEqual({
      code: 0,
      ok: true,
      problems: outcome.steps.map(() => undefined),
    });
  });

  it('plays every step', () => {
    expect(outcome.steps.map(({ name, ok }) => [name, ok])).toEqual(
      ['join', 'ping', 'policy', 'rotate', 'route', 'ledger'].map((name) => [name, true]),
    );
  });

  it('has three agents in processes of their own, which are gone now', () => {
    const nodes = Object.values(step('join')?.nodes as Record<string, { address: string; pid: number }>);
    expect(new Set(nodes.map(({ address }) => address)).size).toBe(3);
    for (const { address, pid } of nodes) {
      expect(address).toMatch(/^100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\./);
      expect(existsSync(`/proc/${pid}`)).toBe(false);
    }
  });

  it('pings through WireGuard, every pair', () => {
    const pairs = step('ping')?.pairs as { endpoint: string; answered: number; sent: number; rtt: number }[];
    expect(pairs.length).toBe(3);
    for (const { answered, sent, endpoint, rtt } of pairs) {
      expect(answered).toBe(sent);
      expect(endpoint).toMatch(/^127\.0\.0\.1:\d+$/);
      expect(rtt).toBeGreaterThan(0);
    }
  });

  it('takes access away under a running ping', () => {
    expect(step('policy')).toMatchObject({
      revision: expect.any(Number),
      answered: expect.any(Number),
      refused: expect.any(Number),
      effectMs: expect.any(Number),
      everywhereMs: expect.any(Number),
    });
  });

  it('replaces a key without losing a packet', () => expect(step('rotate')).toMatchObject({ lost: 0, sent: 150 }));

  it('reaches a machine behind an approved route', () =>
    expect(step('route')).toMatchObject({ host: '192.168.77.10', via: 'prod-1', answered: 5 }));

  it('has all of it in the ledger', () => {
    const { events, revision } = step('ledger') as unknown as {
      events: { type: string; revision: number }[];
      revision: number;
    };
    expect(events.map((event) => event.revision)).toEqual(Array.from({ length: revision + 1 }, (_, i) => i));
    expect(events.map(({ type }) => type)).toEqual(
      expect.arrayContaining(['NodeJoined', 'KeyRotated', 'RouteApproved']),
    );
  });
});
