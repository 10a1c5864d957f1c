import type { Policy } from '../language/policy.js';
import type { Directory, Subject } from '../subject.js';
import type { Label } from './rule.js';

/** Login name → the groups of the policy file that name it. */
export type GroupIndex = ReadonlyMap<string, readonly string[]>;

const indexes = new WeakMap<Policy, GroupIndex>();

/** Made once per policy: approvals ask for it once per route. */
export function indexGroups(policy: Policy): GroupIndex {
  const known = indexes.get(policy);
  if (known) return known;
  const index = new Map<string, string[]>();
  for (const [group, members] of policy.groups) {
    for (const member of new Set(members)) {
      const groups = index.get(member);
      if (groups) groups.push(group);
      else index.set(member, [group]);
    }
  }
  indexes.set(policy, index);
  return index;
}

/**
 * The labels that say who a node is: its tags, or else its user and what that user belongs to. A tagged node is no one's,
 * so it has no user's labels.
 */
export function identityLabels(subject: Subject, groups: GroupIndex, directory: Directory): Label[] {
  if (subject.tags.length > 0) return ['autogroup:tagged', ...subject.tags];
  if (subject.user === undefined) return [];
  return loginLabels(subject.user, groups, directory, subject.shared === true);
}

/** The labels of whoever has this login name. */
export function loginLabels(login: string, groups: GroupIndex, directory: Directory, shared: boolean): Label[] {
  const labels = [`user:${login}`, `user:*@${login.slice(login.lastIndexOf('@') + 1)}`];
  labels.push(...(groups.get(login) ?? []), ...directory.groupsOf(login));
  if (shared) return [...labels, 'autogroup:shared'];
  const role = directory.roleOf(login);
  if (role && role !== 'member') labels.push(`autogroup:${role}`);
  if (role === 'owner') labels.push('autogroup:admin'); // the owner is an admin too
  return [...labels, 'autogroup:member'];
}
