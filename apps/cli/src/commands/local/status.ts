import { Command } from 'commander';
import type {
  BackendState,
  LedgerAlarmStatus,
  NodeStatus,
  PeerStatus,
  Status,
} from '../../../../agent/src/local-api/status.js';
import { CommandFailed } from '../../command-failed.js';
import { type Io, print, printJson, remark } from '../../output/io.js';
import { type Painter, painter } from '../../output/style.js';
import { formatTable } from '../../output/table.js';
import { formatAge } from '../../output/time.js';
import { type CommandFactory, examples } from '../command.js';
import { agentOf, withSocket } from './agent-option.js';

/** The exit code for: the control plane shows another history than before. */
const LEDGER_ALARM = 3;

export const statusCommand: CommandFactory = (io) => {
  const command = withSocket(new Command('status'))
    .summary('show this machine and the nodes it may see')
    .description(
      'Shows this machine and the nodes that it may see: address, name, owner or tags, system, and the way there.\n' +
        `The exit code is 1 when it is not connected, and ${LEDGER_ALARM} when the ledger is not what it was.`,
    )
    .option('--json', 'print everything, as JSON');
  examples(command, ['netfold status', 'a table'], ['netfold status --json | jq .Self.AdvertisedRoutes', 'one fact']);
  return command.action(async ({ socket, json }: { socket?: string; json?: boolean }) => {
    const status = await agentOf(io, socket).call<Status>('GET /status');
    const { Alarm } = status.Ledger;
    if (json) printJson(io, status);
    else {
      if (Alarm) sound(io, Alarm);
      if (NOT_UP[status.BackendState]) throw notUp(io, status.BackendState);
      show(io, status);
    }
    if (Alarm) throw new CommandFailed(LEDGER_ALARM);
  });
};

/** What comes first, whatever else there is to say. */
function sound(io: Io, { Message, Hint, Since }: LedgerAlarmStatus): void {
  print(io, painter(io)('red', `ALARM: ${Message}`), `  since ${Since}; the last good netmap stays in force`);
  print(io, ...Hint.split('\n').map((line) => `  ${line}`), '');
}

const NOT_UP: Partial<Record<BackendState, string>> = {
  Stopped: 'netfold is stopped. Start it with: netfold up',
  NeedsLogin: 'This machine is not a member of a network. Join with: netfold up --server URL --auth-key-file FILE',
};

function notUp(io: Io, state: BackendState): CommandFailed {
  print(io, NOT_UP[state] ?? '');
  return new CommandFailed();
}

function show(io: Io, status: Status): void {
  const paint = painter(io);
  const peers = Object.values(status.Peer).sort((a, b) => (a.HostName < b.HostName ? -1 : 1));
  const rows = peers.map((peer) => row(peer, wayTo(peer, paint, io.now())));
  if (status.Self) rows.unshift(row(status.Self, '-'));
  print(io, ...formatTable(rows));
  if (status.BackendState === 'NeedsMachineAuth')
    remark(io, '\n# An admin must approve this machine: netfold node approve');
  for (const line of [...status.Health, ...status.Fallbacks]) remark(io, `\n# ${line}`);
}

const row = (node: NodeStatus, way: string): string[] => [
  node.IPs[0] ?? '-',
  node.HostName,
  node.User ?? (node.Tags.join(',') || '-'),
  node.OS || '-',
  way,
];

function wayTo(peer: PeerStatus, paint: Painter, now: number): string {
  if (!peer.Online && !peer.Active) {
    const seen = peer.LastSeen ? `, last seen ${formatAge(now - Date.parse(peer.LastSeen))} ago` : '';
    return paint('dim', `offline${seen}`);
  }
  const traffic = `tx ${peer.TxBytes} rx ${peer.RxBytes}`;
  return peer.Active
    ? `${paint('green', 'active')}; direct ${peer.CurAddr}, ${traffic}`
    : peer.TxBytes
      ? `idle, ${traffic}`
      : '-';
}
