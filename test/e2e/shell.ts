import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';

/** A shell that finds the built `netfold` on its PATH, and nothing of the user's. */
export class Shell {
  private constructor(
    readonly name: string,
    readonly folder: string,
  ) {}

  static async open(name: string): Promise<Shell> {
    const folder = await mkdtemp(join(tmpdir(), 'netfold-shell-'));
    const command = [process.execPath, '--disable-warning=ExperimentalWarning', resolve('dist/apps/cli/src/main.js')];
    const file = join(folder, 'netfold');
    await writeFile(file, `#!/bin/sh\nexec ${command.map((word) => `'${word}'`).join(' ')} "$@"\n`);
    await chmod(file, 0o755);
    return new Shell(name, folder);
  }

  /** The lines that the script prints; an agent is looked for at the socket alone. */
  run(script: string, socket = join(this.folder, 'no-agent')): Promise<string[]> {
    const env = {
      PATH: `${this.folder}${delimiter}${process.env.PATH}`,
      HOME: this.folder,
      NETFOLD_SOCKET: socket,
      LC_ALL: 'C.UTF-8',
    };
    return new Promise((resolve, reject) => {
      execFile(this.name, ['-c', script], { env, cwd: this.folder, timeout: 240_000 }, (error, stdout, stderr) => {
        if (error || stderr) reject(new Error(`${this.name}: ${error?.message ?? ''}\n${stderr}`));
        else resolve(stdout.split('\n').filter((line) => line !== ''));
      });
    });
  }

  close(): Promise<void> {
    return rm(this.folder, { recursive: true });
  }
}
