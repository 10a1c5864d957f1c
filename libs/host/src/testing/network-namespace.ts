import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { type RunCommand, runCommand } from '../interface/run-command.js';

const run = promisify(execFile);
let serial = 0;

/** A network namespace of Linux, for tests that run as root: what is in it goes with it. */
export class NetworkNamespace {
  private constructor(readonly name: string) {}

  /** @throws Error with what to do when the test is not run as root */
  static async create(): Promise<NetworkNamespace> {
    if (process.getuid?.() !== 0) throw new Error('tests of this tier make network namespaces: run them as root');
    const name = `nftest-${process.pid}-${serial++}`;
    await run('ip', ['netns', 'add', name]);
    await run('ip', ['-n', name, 'link', 'set', 'lo', 'up']);
    return new NetworkNamespace(name);
  }

  /** A name for an interface that no other test uses. */
  interfaceName(): string {
    return `nft${process.pid}x${serial++}`.slice(0, 15);
  }

  /** Moves an interface of this process' namespace into this one. */
  async adopt(interfaceName: string): Promise<void> {
    await run('ip', ['link', 'set', interfaceName, 'netns', this.name]);
  }

  /** What the command writes to standard output. @throws when it fails */
  async exec(command: string, ...words: string[]): Promise<string> {
    return (await run('ip', ['netns', 'exec', this.name, command, ...words])).stdout;
  }

  /** Runs programs inside, for whatever takes a `RunCommand`. */
  readonly run: RunCommand = (command, words, input) =>
    runCommand('ip', ['netns', 'exec', this.name, command, ...words], input);

  async remove(): Promise<void> {
    await run('ip', ['netns', 'delete', this.name]);
  }
}
