export { FORWARDED, randomPolicy, randomSubjects } from './testing/random-policy.js';
export { isWithin, type SlowPacket, slowlyAllows } from './testing/slow-evaluator.js';

import { NetfoldError } from '#kernel';
import { parsePolicy } from './language/parse-policy.js';
import type { Policy } from './language/policy.js';
import { isError } from './problem.js';
import type { Role } from './role.js';
import type { Directory, Subject } from './subject.js';

/** A policy out of a JavaScript value or HuJSON text that must be valid. */
export function policyOf(value: unknown): Policy {
  const { policy, problems } = parsePolicy(typeof value === 'string' ? value : JSON.stringify(value, null, 2));
  if (policy) return policy;
  throw new NetfoldError(problems.find(isError) ?? { code: 'policy.syntax', message: 'no policy' });
}

/** A directory in which everyone is a member, but for these roles and synced groups. */
export const directoryOf = (
  roles: Readonly<Record<string, Role>> = {},
  groups: Readonly<Record<string, readonly string[]>> = {},
): Directory => ({
  roleOf: (login) => roles[login] ?? 'member',
  groupsOf: (login) => groups[login] ?? [],
});

/** A node of a user, or with tags when `owner` starts with `tag:`; number n has 100.64.0.n and fd7a::n. */
export const subjectOf = (id: string, number: number, owner: string, more: Partial<Subject> = {}): Subject => ({
  id,
  ...(owner.startsWith('tag:') ? { tags: owner.split(' ') } : { user: owner, tags: [] }),
  addresses: [`100.64.0.${number}`, `fd7a::${number.toString(16)}`],
  ...more,
});
