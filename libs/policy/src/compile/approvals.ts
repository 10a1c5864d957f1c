import { prefixContains, tryParsePrefix } from '#net';
import type { Mention, Policy } from '../language/policy.js';
import type { Directory, Subject } from '../subject.js';
import { identityLabels, indexGroups, loginLabels } from './membership.js';
import type { Label } from './rule.js';

/** Who may do something, as the labels that permit it. */
const labelOf = ({ target, text }: Mention): Label => {
  if (target.kind === 'user') return `user:${target.name}`;
  return target.kind === 'domain' ? `user:*@${target.name}` : text;
};

/**
 * Whether whoever has this login name may give a node this tag: as one of its owners, or as an owner of a tag that owns
 * it, and so on. A circle of tags that own each other gives no one anything.
 */
export function mayTag(policy: Policy, login: string, tag: string, directory: Directory): boolean {
  return ownsTag(policy, tag, new Set(loginLabels(login, indexGroups(policy), directory, false)));
}

/** Whether a node that bears these tags may give itself or another this tag. */
export const tagsMayTag = (policy: Policy, tags: readonly string[], tag: string): boolean =>
  ownsTag(policy, tag, new Set(tags));

function ownsTag(policy: Policy, tag: string, labels: ReadonlySet<Label>): boolean {
  const seen = new Set([tag]);
  // The set grows while it is walked: what is added is walked too.
  for (const owned of seen) {
    for (const owner of policy.tagOwners.get(owned) ?? []) {
      if (labels.has(labelOf(owner))) return true;
      if (owner.target.kind === 'tag') seen.add(owner.target.name);
    }
  }
  return false;
}

/**
 * Whether this node may serve a route without an admin's approval. The approvers of a prefix approve every route within
 * it, but exit routes (`0.0.0.0/0`, `::/0`) are approved by those of `exitNode` alone.
 */
export function autoApproves(policy: Policy, subject: Subject, route: string, directory: Directory): boolean {
  const wanted = tryParsePrefix(route);
  if (!wanted) return false;
  const labels = new Set(identityLabels(subject, indexGroups(policy), directory));
  const approvedBy = (approvers: readonly Mention[]) => approvers.some((approver) => labels.has(labelOf(approver)));
  if (wanted.bits === 0) return approvedBy(policy.autoApprovers.exitNode);
  for (const [text, approvers] of policy.autoApprovers.routes) {
    const prefix = tryParsePrefix(text);
    if (prefix && prefixContains(prefix, wanted) && approvedBy(approvers)) return true;
  }
  return false;
}
