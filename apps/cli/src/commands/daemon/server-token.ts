import { Command } from 'commander';
import { print, remark } from '../../output/io.js';
import { type CommandFactory, examples } from '../command.js';

/** @param stateDir where a server keeps its files when it is not told */
export const serverTokenCommand = (stateDir: string): CommandFactory => {
  return (io) => {
    const command = new Command('token')
      .summary('show the first API token again')
      .description(
        'Prints the API token that the first start of the server made, for whoever may read the files of the server.\n' +
          'It is for a first start that ended before the token was kept. Once there are others, revoke it.',
      )
      .option('--state-dir <folder>', `the state directory of the server (default: ${stateDir})`)
      .option('--secret-file <file>', 'the secret that all replicas share, when that is not there')
      .action(async (options: { readonly stateDir?: string; readonly secretFile?: string }) => {
        const { firstToken } = await import('../../../../control/src/index.js');
        print(io, firstToken(options.stateDir ?? stateDir, options.secretFile));
        remark(io, '# it has the role owner, unless it was revoked');
      });
    return examples(command, [
      'netfold server token | netfold login --server http://127.0.0.1:8080 --token-file -',
      '',
    ]);
  };
};
