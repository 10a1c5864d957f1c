import { Command } from 'commander';
import { AdminClient } from '../../admin/admin-client.js';
import { dropCredentials, saveCredentials } from '../../admin/credentials.js';
import { readSecret } from '../../input/read-secret.js';
import { print, remark } from '../../output/io.js';
import { type CommandFactory, examples } from '../command.js';

export const loginCommand: CommandFactory = (io) => {
  const command = new Command('login')
    .summary('keep an API token for the admin commands')
    .description('Reads an API token from a file or standard input, tries it, and keeps it for the admin commands.')
    .requiredOption('--server <url>', 'the control plane, such as https://netfold.example.com')
    .option('--token-file <file>', 'where to read the token', '-')
    .option('--forget', 'forget the saved login instead');
  examples(
    command,
    ['netfold login --server http://127.0.0.1:8080', 'paste the token that the server printed, then Ctrl-D'],
    ['netfold login --server https://netfold.example.com --token-file token', 'from a file'],
  );
  return command.action(
    async ({ server, tokenFile, forget }: { server: string; tokenFile: string; forget?: boolean }) => {
      if (forget) return print(io, dropCredentials(io) ? 'The saved login is gone.' : 'There was no saved login.');
      if (tokenFile === '-' && io.stdin.isTTY) remark(io, 'Paste the API token, then press Ctrl-D:');
      const token = await readSecret(io, tokenFile, '--token-file');
      await new AdminClient({ server, token }).call('GET /revision');
      return print(io, `Success. Saved in ${saveCredentials(io, { server, token })}`);
    },
  );
};
