import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { NetcheckReport } from '../../../../agent/src/local-api/netcheck-report.js';
import { FakeAgents } from '../../testing/fake-agent.js';
import { NOW, netfold } from '../../testing/fake-io.js';

let agents: FakeAgents;
beforeEach(async () => {
  agents = await FakeAgents.open();
});
afterEach(() => agents.close());

const control = {
  URL: 'https://nf.example.com',
  Reachable: true,
  Version: '0.1.0',
  FirstAnswer: 41.2,
  Latency: 3.14,
  ClockOffset: 120,
  ClockError: 503,
  AgentsURL: 'https://nf.example.com:50443',
  AgentsConnect: 2.5,
  Connected: true,
};
const report = (change: Partial<NetcheckReport> = {}): NetcheckReport => ({
  When: new Date(NOW).toISOString(),
  UDP: { Port: 41641, Works: true, PeersTried: 3, PeersHeard: 2, LastHeard: new Date(NOW - 4000).toISOString() },
  IPv4: { Source: '10.0.0.5', Interface: 'eth0', MTU: 1500 },
  IPv6: { Problem: 'no route' },
  Endpoints: ['10.0.0.5:41641'],
  Tunnel: { Interface: 'netfold0', MTU: 1280 },
  Control: control,
  DNS: { Via: 'systemd-resolved', Nameservers: ['9.9.9.9'] },
  Problems: [],
  ...change,
});
const run = async (answer: NetcheckReport, ...words: string[]) => {
  const asked: (string | null)[] = [];
  const routes = {
    'GET /netcheck': async ({ query }: { query: URLSearchParams }) => {
      asked.push(query.get('server'));
      return answer;
    },
  };
  return { ...(await netfold(['netcheck', ...words], await agents.start(routes))), asked };
};

describe('netfold netcheck', () => {
  it('prints what was measured', async () => {
    const { code, stdout, stderr } = await run(report());
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.split('\n')).toEqual([
      'time       2026-11-01T10:00:00.000Z',
      'UDP        port 41641; 2 of 3 peers called on answered, the last handshake 4s ago',
      'IPv4       yes, from 10.0.0.5 (eth0, MTU 1500)',
      'IPv6       no (no route)',
      'endpoints  10.0.0.5:41641',
      'tunnel     netfold0, MTU 1280',
      'server     https://nf.example.com, version 0.1.0, answers in 3.14 ms, with the connection 41.2 ms',
      'agents     https://nf.example.com:50443 connects in 2.50 ms',
      'netmap     is followed',
      "clock      as the server's, give or take 0.6 s",
      'names      the agent answers, by systemd-resolved; asks 9.9.9.9',
      '',
    ]);
  });

  it.each<[string, Partial<NetcheckReport>]>([
    ['port 7; whether it gets through is not known', { UDP: { Port: 7, PeersTried: 0, PeersHeard: 0 } }],
    ['not in use: this machine is not connected', { UDP: { PeersTried: 0, PeersHeard: 0 } }],
    ["75.0 s behind the server's, give or take 0.6 s", { Control: { ...control, ClockOffset: 75_000 } }],
    ["75.0 s ahead of the server's", { Control: { ...control, ClockOffset: -75_000 } }],
    ['as the system does; asks nobody', { DNS: { Nameservers: [] } }],
    ['without an interface of this machine', { Tunnel: {} }],
  ])('says %j', async (text, change) => expect((await run(report(change))).stdout).toContain(text));

  it('fails when the server is away, and says what is wrong', async () => {
    const Control = { URL: 'https://nf.example.com', Reachable: false, Problem: 'nobody there', Connected: false };
    const { code, stdout, stderr } = await run(report({ Control, Problems: ['the control plane is away'] }));
    expect({ code, stderr }).toEqual({ code: 1, stderr: '\n# Problems:\n#     - the control plane is away\n' });
    expect(stdout).toContain('https://nf.example.com cannot be reached: nobody there');
  });

  it('asks another server, and gives programs everything', async () => {
    const { code, stdout, asked } = await run(report(), '--server', 'https://x.example', '--json');
    expect({ code, asked, answer: JSON.parse(stdout) }).toEqual({
      code: 0,
      asked: ['https://x.example'],
      answer: report(),
    });
  });
});
