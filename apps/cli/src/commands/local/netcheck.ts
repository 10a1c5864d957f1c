import { Command } from 'commander';
import type {
  ControlReport,
  NetcheckReport,
  UdpReport,
  WayOut,
} from '../../../../agent/src/local-api/netcheck-report.js';
import { CommandFailed } from '../../command-failed.js';
import { print, printJson, remark } from '../../output/io.js';
import { formatTable } from '../../output/table.js';
import { formatAge, formatMs } from '../../output/time.js';
import { type CommandFactory, examples } from '../command.js';
import { agentOf, withSocket } from './agent-option.js';

interface NetcheckOptions {
  readonly server?: string;
  readonly json?: boolean;
  readonly socket?: string;
}

export const netcheckCommand: CommandFactory = (io) => {
  const command = withSocket(new Command('netcheck'))
    .summary('measure what lies between this machine, the server and the peers')
    .description(
      'Measures, from the agent: whether peers answer over UDP; the ways out by IPv4 and IPv6; the control plane, how\n' +
        'quick it answers and how far its clock is off; how names are found. It shows only what it measured: what a NAT\n' +
        'does to this machine takes a third party to tell, and is not asked here.\n' +
        'The exit code is 1 when the control plane cannot be reached.',
    )
    .option('--server <url>', 'ask this server (default: the one that this machine is a member at)')
    .option('--json', 'print JSON');
  examples(
    command,
    ['netfold netcheck', 'when something does not work'],
    ['netfold netcheck --server https://netfold.example.com', 'before joining'],
    ['netfold netcheck --json | jq .Control.ClockOffset', 'one figure, in milliseconds'],
  );
  return command.action(async ({ server, socket, json }: NetcheckOptions) => {
    const query = server === undefined ? '' : `?server=${encodeURIComponent(server)}`;
    const report = await agentOf(io, socket).call<NetcheckReport>(`GET /netcheck${query}`);
    if (json) printJson(io, report);
    else {
      print(io, ...formatTable(facts(report)));
      const problems = report.Problems.map((line) => `#     - ${line}`);
      if (problems.length > 0) remark(io, ['\n# Problems:', ...problems].join('\n'));
    }
    if (!report.Control.Reachable || report.Control.AgentsProblem !== undefined) throw new CommandFailed();
  });
};

const facts = ({ When, UDP, IPv4, IPv6, Endpoints, Tunnel, Control, DNS }: NetcheckReport): string[][] => [
  ['time', When],
  ['UDP', udp(UDP, Date.parse(When))],
  ['IPv4', way(IPv4)],
  ['IPv6', way(IPv6)],
  ['endpoints', Endpoints.join(', ') || '-'],
  ['tunnel', Tunnel.Interface ? `${Tunnel.Interface}, MTU ${Tunnel.MTU}` : 'without an interface of this machine'],
  ...control(Control),
  [
    'names',
    `${DNS.Via ? `the agent answers, by ${DNS.Via}` : 'as the system does'}; asks ${DNS.Nameservers.join(', ') || 'nobody'}`,
  ],
];

function udp({ Port, Works, PeersTried, PeersHeard, LastHeard }: UdpReport, now: number): string {
  if (Port === undefined) return 'not in use: this machine is not connected';
  if (Works === undefined) return `port ${Port}; whether it gets through is not known: no peer was called on yet`;
  const ago = LastHeard ? `, the last handshake ${formatAge(now - Date.parse(LastHeard))} ago` : '';
  return `port ${Port}; ${PeersHeard} of ${PeersTried} peers called on answered${ago}`;
}

function way({ Source, Interface, MTU, Problem }: WayOut): string {
  if (Source === undefined) return `no (${Problem})`;
  return `yes, from ${Source}${Interface ? ` (${Interface}${MTU ? `, MTU ${MTU}` : ''})` : ''}`;
}

function control(report: ControlReport): string[][] {
  const { URL = '-', Reachable, Version = 'unknown', FirstAnswer = 0, Latency = 0, Problem } = report;
  if (!Reachable) return [['server', `${URL} cannot be reached: ${Problem}`]];
  const answers = `answers in ${formatMs(Latency)}, with the connection ${formatMs(FirstAnswer)}`;
  const { AgentsURL, AgentsConnect = 0, AgentsProblem, Connected } = report;
  return [
    ['server', `${URL}, version ${Version}, ${answers}`],
    [
      'agents',
      `${AgentsURL} ${AgentsProblem ? `cannot be reached: ${AgentsProblem}` : `connects in ${formatMs(AgentsConnect)}`}`,
    ],
    ['netmap', Connected ? 'is followed' : 'is not followed now'],
    ['clock', clock(report)],
  ];
}

function clock({ ClockOffset, ClockError = 0 }: ControlReport): string {
  if (ClockOffset === undefined) return 'not known: the server told no time';
  const [off, give] = [Math.abs(ClockOffset), Math.ceil(ClockError / 100) / 10];
  if (off <= ClockError) return `as the server's, give or take ${give} s`;
  return `${(off / 1000).toFixed(1)} s ${ClockOffset > 0 ? 'behind' : 'ahead of'} the server's, give or take ${give} s`;
}
