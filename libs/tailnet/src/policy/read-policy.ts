import { type CompiledPolicy, compilePolicy, type Policy, type PolicyProblem, parsePolicy } from '#policy';

export interface ReadPolicy {
  /** Undefined, like `compiled`, when any problem is an error. */
  readonly policy?: Policy | undefined;
  readonly compiled?: CompiledPolicy | undefined;
  readonly problems: readonly PolicyProblem[];
}

/** Parses and compiles a policy text. */
export function readPolicy(text: string, syncedGroups: Iterable<string>): ReadPolicy {
  const { policy, problems } = parsePolicy(text, { syncedGroups });
  return policy ? { policy, compiled: compilePolicy(policy), problems } : { problems };
}
