import { Command } from 'commander';
import { NetfoldError } from '#kernel';
import { type Io, print } from '../../output/io.js';
import { formatMs } from '../../output/time.js';
import { type CommandFactory, examples } from '../command.js';
import { type AdminOptions, adminOf, withQuery } from './admin-option.js';

/** A line of the answer: how far it has come, and at the end what came of it. */
interface Progress {
  readonly applied: number;
  readonly total: number;
  readonly done?: {
    readonly revision: number;
    readonly equal: boolean;
    readonly differences: readonly string[];
    readonly tookMs: number;
  };
}

const WIDTH = 30;

export const rebuildCommand: CommandFactory = (io) => {
  const command = withQuery(new Command('rebuild'))
    .summary('have the control plane work its projections out anew')
    .description(
      'Has the control plane fold its whole ledger again, beside what it serves from, compare the two, and go on with\n' +
        'the new one. Commands and agents are served meanwhile. For owners and admins.',
    );
  examples(command, ['netfold debug rebuild', 'with a progress bar']);
  return command.action(async (options: AdminOptions) => {
    const admin = adminOf(io, options);
    let last: Progress | undefined;
    for await (const progress of admin.lines<Progress>('POST /projections/rebuild', io.interrupted)) {
      last = progress;
      if (options.json) print(io, JSON.stringify(progress));
      else if (io.stderr.isTTY) io.stderr.write(`\r${bar(progress)}`);
    }
    if (io.stderr.isTTY && !options.json) io.stderr.write('\r\u001b[K');
    conclude(io, options, last);
  });
};

/** `[#########---------------------]  31 %  310000 of 1000000 events` */
function bar({ applied, total }: Progress): string {
  const share = total === 0 ? 1 : applied / total;
  const full = Math.round(share * WIDTH);
  const percent = String(Math.floor(share * 100)).padStart(3);
  return `[${'#'.repeat(full)}${'-'.repeat(WIDTH - full)}] ${percent} %  ${applied} of ${total} events`;
}

function conclude(io: Io, { json }: AdminOptions, last: Progress | undefined): void {
  if (!last?.done)
    throw new NetfoldError({ code: 'rebuild.cut_off', message: 'the rebuild was cut off; nothing changed' });
  const { revision, equal, differences, tookMs } = last.done;
  if (!equal) {
    throw new NetfoldError({
      code: 'rebuild.differed',
      message: `what the server served from was not what its ledger says: ${differences.join(', ')}`,
      where: `revision ${revision}`,
      hint: 'the server goes on with what the ledger says; this is a fault of netfold: please report it with its log',
    });
  }
  if (!json)
    print(io, `Rebuilt ${last.total} events in ${formatMs(tookMs)}: equal at revision ${revision}, and in use.`);
}
