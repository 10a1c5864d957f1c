import { accessSync, constants, mkdirSync } from 'node:fs';
import { NetfoldError, problemOf } from '#kernel';

/**
 * Makes the folder that a server keeps its own things in, for its user alone, when there is none. A replica whose ledger and
 * secret are elsewhere has one, too.
 * @throws NetfoldError `state.unusable`
 */
export function makeStateDir(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    accessSync(folder, constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw new NetfoldError(
      {
        code: 'state.unusable',
        message: `the state directory cannot be used: ${problemOf(cause).message}`,
        where: folder,
        hint: 'give a state directory that this user may write to: --state-dir FOLDER',
      },
      { cause },
    );
  }
}
