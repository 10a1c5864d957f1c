import { Command } from 'commander';
import type { BackendState, LedgerAlarmStatus, Status } from '../../../../agent/src/local-api/status.js';
import { CommandFailed } from '../../command-failed.js';
import { type Io, print, printJson } from '../../output/io.js';
import { painter } from '../../output/style.js';
import { type CommandFactory, examples } from '../command.js';
import { agentOf, withSocket } from './agent-option.js';
import { yesOrNo } from './boolean-option.js';
import { printHealth, printStatus } from './status-lines.js';

/** The exit code for: the control plane shows another history than before. */
const LEDGER_ALARM = 3;

interface StatusOptions {
  readonly active?: boolean;
  readonly peers: boolean;
  readonly self: boolean;
  readonly json?: boolean;
  readonly socket?: string;
}

export const statusCommand: CommandFactory = (io) => {
  const command = withSocket(new Command('status'))
    .summary('show this machine and the nodes it may see')
    .description(
      'Shows this machine and the nodes that it may see: address, name, owner, system, and the way there. What needs\n' +
        'attention follows on standard error.\n\n' +
        'Exit codes:\n' +
        '  0  connected, or waiting for an admin to let this machine in\n' +
        '  1  not connected: stopped, starting, not a member, key expired; or no agent is running\n' +
        `  ${LEDGER_ALARM}  the ledger is not what it was: see netfold ledger show`,
    )
    .option('--active', 'only peers that there is a session with')
    .option('--peers [yes]', 'whether to show peers', yesOrNo, true)
    .option('--self [yes]', 'whether to show this machine', yesOrNo, true)
    .option('--json', 'print everything, as JSON; the exit code is 0 unless the ledger is not what it was');
  examples(
    command,
    ['netfold status', 'a table'],
    ['netfold status --active --self=false', 'only whom this machine talks to'],
    ['netfold status --json | jq .Self.AdvertisedRoutes', 'one fact'],
  );
  return command.action(async ({ socket, json, ...wanted }: StatusOptions) => {
    const whole = await agentOf(io, socket).call<Status>('GET /status');
    const status = only(whole, wanted);
    const { Alarm } = status.Ledger;
    if (json) printJson(io, status);
    else {
      if (Alarm) sound(io, Alarm);
      const reason = notUp(whole);
      if (reason) throw failed(io, whole, reason);
      printStatus(io, status);
    }
    if (Alarm) throw new CommandFailed(LEDGER_ALARM);
  });
};

function only(status: Status, { active, peers, self }: StatusOptions): Status {
  const shown = Object.entries(status.Peer).filter(([, { Active }]) => peers && (Active || !active));
  return { ...status, Self: self ? status.Self : undefined, Peer: Object.fromEntries(shown) };
}

/** What comes first, whatever else there is to say. */
function sound(io: Io, { Message, Hint, Since, Over }: LedgerAlarmStatus): void {
  const [now, hint] = Over
    ? [`over since ${Over}: the server shows the true ledger again`, 'when you know what it was: netfold ledger accept']
    : ['the last good netmap stays in force', Hint];
  print(io, painter(io)('red', `ALARM: ${Message}`), `  since ${Since}; ${now}`);
  print(io, ...hint.split('\n').map((line) => `  ${line}`), '');
}

const NOT_UP: Partial<Record<BackendState, string>> = {
  Stopped: 'netfold is stopped. Start it with: netfold up',
  Starting: 'netfold is starting: this machine waits for its first netmap.',
  NeedsLogin: 'This machine is not a member of a network. Join one with: netfold up --server URL',
};

const notUp = ({ BackendState, Self }: Status): string | undefined =>
  Self?.Expired ? 'The key of this machine has expired. Log in again with: netfold up' : NOT_UP[BackendState];

function failed(io: Io, status: Status, reason: string): CommandFailed {
  print(io, reason);
  printHealth(io, status);
  return new CommandFailed();
}
