import { Command, Option } from 'commander';
import { type Io, print, printJson } from '../../output/io.js';
import { type AdminOptions, adminOf, withQuery } from '../admin/admin-option.js';
import { type CommandFactory, examples } from '../command.js';
import { number } from '../number-option.js';

interface CheckpointOptions extends AdminOptions {
  readonly key?: boolean;
  readonly prove?: number;
}

interface InclusionAnswer {
  readonly revision: number;
  readonly proof: readonly string[];
  readonly checkpoint: string;
}

export const checkpointCommand: CommandFactory = (io) => {
  const command = withQuery(new Command('checkpoint'))
    .summary('print what the server signs about its ledger')
    .description(
      'Prints a checkpoint: the number of events and the root of the Merkle tree over them, as a signed note\n' +
        '(c2sp.org/tlog-checkpoint). Kept elsewhere, it proves later that nothing of the ledger was changed or removed.',
    )
    .option('--key', 'print the public key that checkpoints are signed with instead')
    .addOption(
      new Option('--prove <revision>', 'print a proof that this event is part of the ledger').argParser(number),
    );
  examples(
    command,
    ['netfold checkpoint > 2026-11.txt', 'keep it elsewhere; see: netfold verify'],
    ['netfold checkpoint --key', 'for netfold verify, and for netfold up --ledger-key'],
    ['netfold checkpoint --prove 17', 'a proof that needs nothing else (c2sp.org/tlog-proof)'],
  );
  return command.action((options: CheckpointOptions) => run(io, options));
};

async function run(io: Io, options: CheckpointOptions): Promise<void> {
  const admin = adminOf(io, options);
  const { json } = options;
  if (options.prove !== undefined) {
    const answer = await admin.call<InclusionAnswer>(`GET /proofs/inclusion?revision=${options.prove}`);
    return json ? printJson(io, answer) : print(io, ...proofLines(answer));
  }
  const text = (await admin.text(options.key ? 'GET /checkpoint/key' : 'GET /checkpoint')).trimEnd();
  if (!json) return print(io, text);
  if (options.key) return printJson(io, { key: text });
  const [origin, size, root] = text.split('\n');
  return printJson(io, { origin, size: Number(size), root, note: `${text}\n` });
}

/** The text format of c2sp.org/tlog-proof. */
const proofLines = ({ revision, proof, checkpoint }: InclusionAnswer): string[] => [
  'c2sp.org/tlog-proof@v1',
  `index ${revision}`,
  ...proof,
  '',
  checkpoint.trimEnd(),
];
