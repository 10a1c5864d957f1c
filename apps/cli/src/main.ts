import { homedir } from 'node:os';
import { ALL_COMMANDS } from './commands/all-commands.js';
import type { Io } from './output/io.js';
import { runCli } from './run-cli.js';

/** Of package.json. */
const VERSION = '0.1.0';

const interrupt = new AbortController();
let interruptedAt = 0;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    // The first asks nicely; who asks again does not want to wait. One Ctrl-C may arrive twice, from terminal and npm.
    if (interrupt.signal.aborted && Date.now() - interruptedAt > 500) process.exit(130);
    interruptedAt ||= Date.now();
    interrupt.abort();
  });
}
// `netfold log | head` closes the pipe early, and that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

const io: Io = {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  home: homedir(),
  uid: process.getuid?.() ?? -1,
  interrupted: interrupt.signal,
  now: Date.now,
  started: () => process.send?.('started'),
};
// A program that starts this one with a channel takes it along when it goes, however it goes.
process.once('disconnect', () => interrupt.abort());
process.channel?.unref();

process.exitCode = await runCli(process.argv.slice(2), io, ALL_COMMANDS, VERSION);
