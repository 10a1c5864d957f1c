import { execFile } from 'node:child_process';
import { NetfoldError } from '#kernel';

/** Runs a program to its end with this standard input, and answers its standard output. Tests pass another. */
export type RunCommand = (command: string, words: readonly string[], input?: string) => Promise<string>;

// A table of a hundred thousand routes as JSON fits.
const MOST_OUTPUT = 64 << 20;

const PACKAGE: Readonly<Record<string, string>> = { ip: 'iproute2', nft: 'nftables' };

/** @throws NetfoldError `host.no_ip_tool` and its like, `host.need_root`, `host.command_failed` */
export const runCommand: RunCommand = (command, words, input) =>
  new Promise((resolve, reject) => {
    const child = execFile(command, words, { maxBuffer: MOST_OUTPUT }, (error, output, complaint) => {
      if (error) reject(failure(command, words, error, complaint));
      else resolve(output);
    });
    child.stdin?.on('error', () => {}); // a program that ends early does not read: its failure is reported above
    child.stdin?.end(input ?? '');
  });

function failure(command: string, words: readonly string[], cause: Error, complaint: string): NetfoldError {
  const said = complaint.trim();
  const where = [command, ...words].join(' ');
  if ('code' in cause && cause.code === 'ENOENT') {
    const hint = `install the package ${PACKAGE[command] ?? command}, or start with --userspace, which does not need it`;
    return new NetfoldError(
      { code: `host.no_${command}_tool`, message: `there is no program ${command}`, hint },
      { cause },
    );
  }
  if (/operation not permitted|permission denied|must be root/i.test(said)) {
    const hint = 'run as root or with CAP_NET_ADMIN, or start with --userspace, which needs neither';
    return new NetfoldError(
      { code: 'host.need_root', message: `${command} may not do this: ${said}`, where, hint },
      { cause },
    );
  }
  return new NetfoldError({ code: 'host.command_failed', message: said || cause.message, where }, { cause });
}
