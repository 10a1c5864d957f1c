import { describe, expect, test } from '@jest/globals';
import { type TraceReport, traceLines } from './trace-report.js';

const START = Date.UTC(2026, 10, 1, 10);
const plain = (_: string, text: string) => text;

const report = (more: Partial<TraceReport> = {}): TraceReport => ({
  event: {
    id: 'e',
    revision: 41,
    recordedAt: START + 132,
    type: 'AclPublished',
    by: 'ci',
    person: 'alice@example.com',
    actor: { kind: 'token', id: 't', from: '192.0.2.7', via: 'cli' },
    summary: 'the policy was published (3 lines added, 1 removed)',
    reason: 'ticket 7',
    commandId: 'c',
    hash: 'h',
    data: {},
  },
  concerned: 2,
  applied: 2,
  behind: 0,
  gone: 0,
  inForceAt: START + 213,
  exact: true,
  gaps: [],
  nodes: [
    {
      name: 'web-1',
      state: 'applied',
      changes: { peer: { removed: 2, replaced: 0, added: 0 }, rule: { removed: 0, replaced: 1, added: 1 } },
      at: START + 213,
      exact: true,
      frame: { base: 40, revision: 41, bytes: 312 },
      online: true,
    },
    {
      name: 'db',
      state: 'applied',
      changes: { self: { removed: 0, replaced: 1, added: 0 } },
      at: START + 140,
      exact: true,
      frame: { revision: 41, bytes: 9_000 },
      online: true,
    },
  ],
  ...more,
});

describe('a trace', () => {
  test('says what it was, and when it was in force everywhere', () => {
    expect(traceLines(report(), plain, 40)).toEqual([
      'the policy was published (3 lines added, 1 removed) (revision 41)',
      '2026-11-01 10:00:00.132 UTC, by ci for alice@example.com, from cli 192.0.2.7',
      'why: ticket 7',
      '',
      'concerned 2 · applied 2 · behind 0 · in force everywhere at 10:00:00.213 UTC (+81 ms)',
      '',
      'MACHINE  STATE    AT (UTC)      AFTER   CHANGED                  SENT WITH',
      'web-1    applied  10:00:00.213  +81 ms  -2 peer ~1 rule +1 rule  40 → 41, 312 bytes',
      'db       applied  10:00:00.140  +8 ms   ~1 self                  whole netmap, 9000 bytes',
    ]);
  });

  test('names who is behind, and why', () => {
    const behind = { state: 'behind', changes: {}, exact: true } as const;
    const { inForceAt, ...rest } = report({
      concerned: 4,
      applied: 0,
      behind: 3,
      gone: 1,
      nodes: [
        { ...behind, name: 'a', online: false, lastSeen: START },
        { ...behind, name: 'b', online: false },
        { ...behind, name: 'c', online: true, sentAt: START + 133 },
        { name: 'd', state: 'gone', changes: {}, online: false },
      ],
    });
    const lines = traceLines(rest, plain, 2);
    expect(lines[4]).toBe(
      'concerned 4 · applied 0 · behind 3 (a, offline since 2026-11-01 10:00:00.000; b, never connected; ' +
        'c, online, sent at 10:00:00.133) · gone 1 · not in force everywhere yet',
    );
    expect(lines.at(-1)).toBe('and 2 more; --all shows them');
  });

  test('says what is not known exactly', () => {
    const gaps = [{ from: START, to: START + 5_000 }];
    const [node] = report().nodes;
    const nodes = [
      { ...(node as NonNullable<typeof node>), exact: false, at: START + 6_000, frame: undefined as never },
    ];
    const lines = traceLines(report({ exact: false, gaps, nodes, inForceAt: START + 86_400_000 }), plain, 40);
    expect(lines[4]).toContain('in force everywhere at 2026-11-02 10:00:00.000 UTC (at the latest, +86399868 ms)');
    expect(lines[7]).toMatch(/≤ 10:00:06\.000 +≤ \+5868 ms .* held it when it came back$/);
    expect(lines.at(-1)).toContain('between 2026-11-01 10:00:00.000 and 2026-11-01 10:00:05.000 may be lost');
  });

  test('shows the step of one machine item by item', () => {
    const peer = { kind: 'peer', id: 'n1', name: 'web' };
    const step = { removed: [peer], upserted: [{ before: peer, after: { ...peer, name: 'www' } }, { after: peer }] };
    expect(traceLines(report({ step }), plain, 40).slice(-3)).toEqual([
      '- peer web',
      '~ peer www: name "web" → "www"',
      '+ peer web',
    ]);
  });

  test('says what a rule lets through', () => {
    const rule = { kind: 'rule', id: 'r', src: [{ kind: 'label', label: 'group:eng' }, { kind: 'any' }] };
    const dst = { kind: 'prefix', prefix: '10.1.0.0/16' };
    const ports = [
      { first: 22, last: 22 },
      { first: 80, last: 90 },
    ];
    const lines = traceLines(report({ step: { removed: [{ ...rule, dst, ports }], upserted: [] } }), plain, 40);
    expect(lines.at(-1)).toBe('- rule group:eng, any to 10.1.0.0/16:22,80-90');
  });
});
