/** A command that has said all there is to say, and failed: only the exit code is left. */
export class CommandFailed extends Error {
  constructor(readonly exitCode = 1) {
    super('the command failed');
  }
}
