import { Command } from 'commander';
import { print, remark } from '../../output/io.js';
import { type CommandFactory, examples } from '../command.js';

/** @param stateDir where a server keeps its files when it is not told */
export const serverLinkCommand = (stateDir: string): CommandFactory => {
  return (io) => {
    const command = new Command('link')
      .summary('make a link to sign in with as the owner, once')
      .description(
        'Prints a link that signs whoever opens it in as the owner of the network. It works once, within a day, and needs\n' +
          'no identity provider. Only who may read the files of the server can make one.',
      )
      .option('--state-dir <folder>', `the state directory of the server (default: ${stateDir})`)
      .option('--secret-file <file>', 'the secret that all replicas share, when that is not there')
      .option('--url <url>', 'where people reach the server', 'http://127.0.0.1:8080')
      .action(async (options: { readonly stateDir?: string; readonly secretFile?: string; readonly url: string }) => {
        const { knownServerSecret, ownerLink } = await import('../../../../control/src/index.js');
        print(
          io,
          ownerLink(knownServerSecret(options.stateDir ?? stateDir, options.secretFile), options.url, io.now()),
        );
        remark(io, '# whoever opens it is the owner: give it to nobody else');
      });
    return examples(command, ['netfold server link --url https://netfold.example.com', '']);
  };
};
