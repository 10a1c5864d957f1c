import { text } from 'node:stream/consumers';
import { NetfoldError, problemOf } from '#kernel';
import type { Changed } from '../../admin/admin-client.js';
import { AdminProblem, type PolicyFinding } from '../../admin/admin-problem.js';
import { conflictLines, staleEditOf } from '../../admin/stale-edit.js';
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

/** On what condition a policy is published. */
export interface PublishOptions extends AdminOptions {
  /** Refuse when the tailnet has moved on from this revision. */
  readonly ifRevision?: number;
  /** When somebody else has edited the policy since, publish both edits together. */
  readonly merge?: boolean;
  /** Replace whatever policy there is. */
  readonly overwrite?: boolean;
}

/** Publishes a policy. */
export async function publishPolicyFile(io: Io, options: PublishOptions, file: string): Promise<void> {
  if (options.merge && options.ifRevision === undefined) throw noBase();
  const body = await policyText(io, file);
  try {
    const done = await publish(io, options, { body, ifRevision: options.overwrite ? '*' : options.ifRevision });
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

interface Publication {
  readonly body: string;
  readonly ifRevision: number | '*' | undefined;
}

const MAX_MERGES = 5;

/** Publishes; what somebody has published since is merged, if that is asked for and both edits go together. */
async function publish(io: Io, options: PublishOptions, request: Publication, left = MAX_MERGES): Promise<Published> {
  try {
    return await adminOf(io, options).call<Published>('PUT /policy', request);
  } catch (error) {
    if (isUnseen(error)) throw new NetfoldError({ ...problemOf(error), hint: UNSEEN_HINT });
    const stale = staleEditOf(error);
    if (!stale) throw error;
    if (stale.merged === null) {
      for (const line of conflictLines(stale)) remark(io, line);
      remark(io, 'netfold: the policy was refused; the one in force stays: netfold policy get');
      throw new CommandFailed();
    }
    if (!options.merge || left === 0) throw new NetfoldError({ ...problemOf(error), hint: MERGE_HINT });
    if (stale.published > stale.base) remark(io, `# merged with the policy of revision ${stale.published}`);
    return publish(io, options, { body: stale.merged, ifRevision: stale.head }, left - 1);
  }
}

type Published = Changed & { readonly problems: readonly PolicyFinding[] };

const isUnseen = (error: unknown): boolean => error instanceof NetfoldError && error.code === 'http.condition_required';

const UNSEEN_HINT =
  'netfold policy get shows it, and how to publish an edit of it; --overwrite replaces it all the same';

const MERGE_HINT = 'add --merge to publish both edits together';

const noBase = (): NetfoldError =>
  new NetfoldError({
    code: 'cli.no_base',
    message: 'it is not known where your edit began',
    where: '--merge',
    hint: 'name the revision that netfold policy get told: --if-revision REVISION',
  });

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
