import { type CompiledPolicy, compilePolicy, type Policy, type PolicyProblem, parsePolicy } from '#policy';

export interface ReadPolicy {
  /** Undefined, like `compiled`, when any problem is an error. */
  readonly policy?: Policy | undefined;
  readonly compiled?: CompiledPolicy | undefined;
  readonly problems: readonly PolicyProblem[];
}

/** The text read last: a publication is decided, settled and folded, perhaps by several readers, and is read once. */
let latest: { readonly text: string; readonly groups: string; readonly read: ReadPolicy } | undefined;

/**
 * Parses and compiles a policy text.
 * @param syncedGroups names that the text may refer to beside those that it defines
 */
export function readPolicy(text: string, syncedGroups: Iterable<string>): ReadPolicy {
  const names = [...syncedGroups];
  const groups = names.join('\n');
  if (latest?.text === text && latest.groups === groups) return latest.read;
  const { policy, problems } = parsePolicy(text, { syncedGroups: names });
  const read = policy ? { policy, compiled: compilePolicy(policy, latest?.read.compiled), problems } : { problems };
  latest = { text, groups, read };
  return read;
}
