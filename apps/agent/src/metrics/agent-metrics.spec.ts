import { afterEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { PeerStatus, Status } from '../local-api/status.js';
import { AgentMetrics } from './agent-metrics.js';
import { ByteTotals } from './byte-totals.js';
import { type MetricsServer, serveMetrics } from './serve-metrics.js';

const NOW = Date.parse('2026-11-01T12:00:00Z');

const peer = (more: Partial<PeerStatus>): PeerStatus =>
  ({ Online: true, Active: false, RxBytes: 0, TxBytes: 0, PresharedKey: { State: 'none' }, ...more }) as PeerStatus;

const status = (peers: Readonly<Record<string, PeerStatus>>): Status => ({
  Version: '0.1.0',
  BackendState: 'Running',
  TUN: true,
  Fallbacks: [],
  Control: { Connected: true, Revision: 41 },
  Ledger: { Size: 42 },
  Health: ['one thing'],
  Peer: peers,
});

const WORLD = {
  'nodekey:a': peer({ RxBytes: 100, TxBytes: 7, LastHandshake: '2026-11-01T11:59:00Z', Active: true }),
  'nodekey:b': peer({ RxBytes: 20, LastHandshake: '2026-11-01T11:00:00Z', PresharedKey: { State: 'active' } }),
  'nodekey:c': peer({ Online: false }),
};

describe('the metrics of an agent', () => {
  test.each([
    'netfold_agent_state{state="Running"} 1',
    'netfold_agent_state{state="Stopped"} 0',
    'netfold_agent_control_connected 1',
    'netfold_agent_revision 41',
    'netfold_agent_ledger_events 42',
    'netfold_agent_ledger_alarm 0',
    'netfold_agent_health_problems 1',
    'netfold_agent_peers 3',
    'netfold_agent_peers_online 2',
    'netfold_agent_peers_active 1',
    'netfold_agent_peers_handshaken 1',
    `netfold_agent_newest_handshake_timestamp_seconds ${(NOW - 60_000) / 1_000}`,
    'netfold_agent_preshared_keys{state="active"} 1',
    'netfold_agent_received_bytes_total 120',
    'netfold_agent_sent_bytes_total 7',
  ])('say %s', (line) => expect(new AgentMetrics().text(status(WORLD), NOW).split('\n')).toContain(line));

  test('are what Prometheus reads, and name nobody', () => {
    const text = new AgentMetrics().text(status(WORLD), NOW);
    for (const line of text.trimEnd().split('\n')) {
      expect(line).toMatch(/^(?:# (?:HELP|TYPE) \w+ .+|\w+(?:\{\w+="[\w-]+"\})? -?\d+(?:\.\d+)?)$/);
    }
    expect(text).not.toContain('nodekey');
  });
});

test('bytes never fall, whatever peers come, go and begin anew', () =>
  fc.assert(
    fc.property(fc.array(fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.nat(1_000))), (steps) => {
      const totals = new ByteTotals();
      let last = 0;
      for (const step of steps) {
        const total = totals.after(Object.entries(step));
        expect(total).toBeGreaterThanOrEqual(last);
        last = total;
      }
    }),
  ));

describe('a listener', () => {
  let server: MetricsServer | undefined;
  afterEach(() => server?.close());

  test('serves metrics and nothing else, and does not share its port', async () => {
    server = await serveMetrics({ host: '127.0.0.1', port: 0 }, () => 'netfold_agent_peers 0\n');
    const url = `http://127.0.0.1:${server.port}`;
    expect(await (await fetch(`${url}/metrics`)).text()).toBe('netfold_agent_peers 0\n');
    expect((await fetch(`${url}/status`)).status).toBe(404);
    await expect(serveMetrics({ host: '127.0.0.1', port: server.port }, () => '')).rejects.toMatchObject({
      code: 'agent.cannot_listen',
      where: '--metrics',
    });
  });
});
