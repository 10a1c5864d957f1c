import { text } from 'node:stream/consumers';
import type { Changed } from '../../admin/admin-client.js';
import { AdminProblem, type PolicyFinding } from '../../admin/admin-problem.js';
import { CommandFailed } from '../../command-failed.js';
import { readInput } from '../../input/read-secret.js';
import { type Io, print, printJson, remark } from '../../output/io.js';
import { pointAt } from '../../output/point-at.js';
import { painter } from '../../output/style.js';
import { type AdminOptions, adminOf } from './admin-option.js';

interface Check {
  readonly ok: boolean;
  readonly problems: readonly PolicyFinding[];
}

const policyText = (io: Io, file: string): Promise<string> => (file === '-' ? text(io.stdin) : readInput(file, 'FILE'));

const nameOf = (file: string): string => (file === '-' ? 'policy' : file);

/** Says what is wrong with a policy, and changes nothing. */
export async function checkPolicyFile(io: Io, options: AdminOptions, file: string): Promise<void> {
  const body = await policyText(io, file);
  const check = await adminOf(io, options).call<Check>('POST /policy/check', { body });
  if (options.json) printJson(io, check);
  else {
    showFindings(io, nameOf(file), body, check.problems);
    if (check.ok) print(io, 'Policy file passed linting');
  }
  if (!check.ok) throw new CommandFailed();
}

/** Publishes a policy. @param ifRevision refuse when the tailnet has moved on from it */
export async function publishPolicyFile(
  io: Io,
  options: AdminOptions,
  file: string,
  ifRevision?: number,
): Promise<void> {
  const body = await policyText(io, file);
  try {
    const request = { body, ifRevision };
    const done = await adminOf(io, options).call<Changed & { problems: readonly PolicyFinding[] }>(
      'PUT /policy',
      request,
    );
    if (options.json) return printJson(io, done);
    showFindings(io, nameOf(file), body, done.problems);
    return print(io, 'Success.');
  } catch (error) {
    if (!(error instanceof AdminProblem) || error.findings.length === 0) throw error;
    if (options.json) printJson(io, { ok: false, problems: error.findings });
    else {
      showFindings(io, nameOf(file), body, error.findings);
      remark(io, 'netfold: the policy was refused; the one in force stays');
    }
    throw new CommandFailed();
  }
}

/** Nobody reads more at once; the rest comes when these are mended. */
const MAX_SHOWN = 100;

/** Each finding with its place, the line of the text, and what to do. */
function showFindings(io: Io, name: string, body: string, findings: readonly PolicyFinding[]): void {
  const paint = painter(io, 'stderr');
  const lines = body.split('\n');
  for (const { severity, line, column, message, hint } of findings.slice(0, MAX_SHOWN)) {
    const label = severity === 'error' ? paint('red', 'error') : paint('yellow', 'warning');
    remark(io, `${name}:${line}:${column}: ${label}: ${message}`);
    for (const part of pointAt(lines[line - 1] ?? '', column - 1)) remark(io, `  ${part}`);
    if (hint) remark(io, `  ${hint}`);
  }
  if (findings.length > MAX_SHOWN) remark(io, `${findings.length - MAX_SHOWN} more; --json gives them all`);
}
