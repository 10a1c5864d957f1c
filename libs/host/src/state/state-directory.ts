import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { NetfoldError } from '#kernel';

const TEMPORARY = '.tmp';

/**
 * A folder of small files that only their owner may read. A file is replaced whole or not at all,
 * and what `write` has answered for survives a power cut.
 */
export class StateDirectory {
  // Writes follow one another, so that the last call is the one whose bytes stay.
  #turn: Promise<unknown> = Promise.resolve();
  #serial = 0;

  private constructor(readonly path: string) {}

  /**
   * Makes the folder (mode 0700) if there is none.
   * @throws NetfoldError `host.state_directory`
   */
  static async open(path: string): Promise<StateDirectory> {
    try {
      await mkdir(path, { recursive: true, mode: 0o700 });
      for (const name of await readdir(path)) {
        if (name.endsWith(TEMPORARY)) await rm(join(path, name), { force: true }); // of a write that never ended
      }
      return new StateDirectory(path);
    } catch (cause) {
      const hint = 'name a folder that you may write to, or run as the user that owns it';
      const message = `cannot use ${path} for state: ${(cause as Error).message}`;
      throw new NetfoldError({ code: 'host.state_directory', message, where: path, hint }, { cause });
    }
  }

  /** The bytes of a file, or undefined when there is none. */
  async read(name: string): Promise<Uint8Array | undefined> {
    try {
      return await readFile(this.#file(name));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  /** Replaces a file (mode 0600). When it answers, the bytes are on the disk. */
  write(name: string, bytes: Uint8Array): Promise<void> {
    return this.#inTurn(() => this.#replace(this.#file(name), bytes));
  }

  /** Removes a file; one that is not there is removed already. */
  remove(name: string): Promise<void> {
    return this.#inTurn(async () => {
      await rm(this.#file(name), { force: true });
      await this.#syncFolder();
    });
  }

  async #replace(file: string, bytes: Uint8Array): Promise<void> {
    const temporary = `${file}.${process.pid}.${this.#serial++}${TEMPORARY}`;
    try {
      const handle = await open(temporary, 'wx', 0o600);
      try {
        await handle.writeFile(bytes);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(temporary, file);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
    await this.#syncFolder();
  }

  // The name, too, must be on the disk: without this a power cut may bring the old file back.
  async #syncFolder(): Promise<void> {
    const folder = await open(this.path, 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => {});
    return done;
  }

  #file(name: string): string {
    if (/^[\w-][\w.-]*$/.test(name) && !name.endsWith(TEMPORARY)) return join(this.path, name);
    throw new NetfoldError({
      code: 'host.bad_state_name',
      message: `${JSON.stringify(name)} cannot name a state file`,
    });
  }
}
