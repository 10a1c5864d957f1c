import { Command } from 'commander';
import type { Changed } from '../../admin/admin-client.js';
import { print, printJson } from '../../output/io.js';
import { formatTable } from '../../output/table.js';
import { type CommandFactory, examples } from '../command.js';
import { type AdminOptions, adminOf, printChanged, span, withAdmin, withQuery } from './admin-option.js';

interface Settings {
  readonly deviceApproval: boolean;
  readonly keyExpiry: number | null;
  readonly keyRotation: number | null;
  readonly ipv4Pool: string;
}

interface Wish extends AdminOptions {
  readonly deviceApproval?: boolean;
  readonly keyExpiry?: number | null;
  readonly keyRotation?: number | null;
  readonly ipv4Pool?: string;
}

const DAY = 86_400_000;
const days = (ms: number): string => `${+(ms / DAY).toFixed(1)} days`;

export const settingsCommand: CommandFactory = (io) => {
  const command = new Command('settings')
    .summary('see and change what holds for the whole network')
    .description('What holds for the whole network. Names and nameservers are at: netfold dns');
  command.addCommand(showSettings(io));
  command.addCommand(setSettings(io));
  return examples(
    command,
    ['netfold settings show', 'as they are'],
    ['netfold settings set --device-approval', 'new machines wait until an admin lets them in'],
    ['netfold settings set --key-expiry 90d', 'people let their machines in again after 90 days'],
    ['netfold settings set --key-rotation 7d', 'machines replace their WireGuard keys each week'],
  );
};

const showSettings: CommandFactory = (io) =>
  withQuery(new Command('show'))
    .summary('show the settings')
    .action(async (options: AdminOptions) => {
      const answer = await adminOf(io, options).call<{ settings: Settings }>('GET /settings');
      if (options.json) return printJson(io, answer);
      const { deviceApproval, keyExpiry, keyRotation, ipv4Pool } = answer.settings;
      return print(
        io,
        ...formatTable([
          ['new machines', deviceApproval ? 'wait for approval' : 'take part at once'],
          ['keys of machines', keyExpiry === null ? 'never expire' : `expire after ${days(keyExpiry)}`],
          ['', keyRotation === null ? 'are replaced by hand' : `are replaced every ${days(keyRotation)}`],
          ['addresses', ipv4Pool],
        ]),
      );
    });

const setSettings: CommandFactory = (io) =>
  withAdmin(new Command('set'))
    .summary('change settings; what is not named stays')
    .option('--device-approval', 'new machines wait until an admin lets them in')
    .option('--no-device-approval', 'they take part at once')
    .option('--key-expiry <span>', 'how long the keys of machines last: 90d, 12h, …; or never', span)
    .option('--key-rotation <span>', 'after how long machines replace their keys by themselves, or never', span)
    .option('--ipv4-pool <prefix>', 'where addresses come from, within 100.64.0.0/10')
    .action(async ({ deviceApproval, keyExpiry, keyRotation, ipv4Pool, ...options }: Wish) => {
      const body = { deviceApproval, keyExpiry, keyRotation, ipv4Pool };
      const changed = await adminOf(io, options).call<Changed>('PUT /settings', { body });
      printChanged(io, options, changed, 'The settings are changed.');
    });
