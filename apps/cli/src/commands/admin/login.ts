import { Command } from 'commander';
import { AdminClient } from '../../admin/admin-client.js';
import { dropCredentials, saveCredentials } from '../../admin/credentials.js';
import { readSecret } from '../../input/read-secret.js';
import { print } from '../../output/io.js';
import { type CommandFactory, examples } from '../command.js';
import { deviceLogin } from './device-login.js';

interface LoginOptions {
  readonly server: string;
  readonly tokenFile?: string;
  readonly forget?: boolean;
}

export const loginCommand: CommandFactory = (io) => {
  const command = new Command('login')
    .summary('sign in for the admin commands')
    .description(
      'Prints a link to sign in with, in any browser, and waits. What comes of it is kept for the admin commands:\n' +
        'a token that may do what you may do, for 30 days. With --token-file, an API token that there is already.',
    )
    .requiredOption('--server <url>', 'the control plane, such as https://netfold.example.com')
    .option('--token-file <file>', 'read an API token from a file, or from standard input for -')
    .option('--forget', 'forget the saved login instead');
  examples(
    command,
    ['netfold login --server https://netfold.example.com', 'sign in with a browser'],
    [
      'netfold login --server http://127.0.0.1:8080 --token-file -',
      'paste the token that the server printed, then Ctrl-D',
    ],
  );
  return command.action(async ({ server, tokenFile, forget }: LoginOptions) => {
    if (forget) return print(io, dropCredentials(io) ? 'The saved login is gone.' : 'There was no saved login.');
    const given = tokenFile === undefined ? undefined : await readSecret(io, tokenFile, '--token-file');
    const token = given ?? (await deviceLogin(io, server));
    await new AdminClient({ server, token }).call('GET /revision');
    return print(io, `Success. Saved in ${saveCredentials(io, { server, token })}`);
  });
};
