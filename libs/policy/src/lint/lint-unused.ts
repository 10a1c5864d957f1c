import type { Mention, Policy } from '../language/policy.js';
import { splitPorts } from '../language/read-access.js';
import type { PolicyProblem } from '../problem.js';
import { warning } from './warning.js';

/** Names that are defined and that nothing refers to. */
export function lintUnused(policy: Policy): PolicyProblem[] {
  const used = new Set(usedNames(policy));
  return [...policy.definitions].flatMap(([name, place]) => {
    if (used.has(name)) return [];
    const message = `${JSON.stringify(name)} is defined and never used`;
    return [warning(place, 'policy.unused', message, 'use it in a rule, or remove it')];
  });
}

function* usedNames(policy: Policy): Iterable<string> {
  for (const mention of mentionsOf(policy)) {
    yield 'name' in mention.target ? mention.target.name : mention.text;
  }
  // IP sets are resolved while they are read, and tests keep their texts.
  for (const name of policy.ipsets.keys()) yield name;
  for (const { src, accept, deny } of policy.tests) {
    yield src;
    for (const { text } of [...accept, ...deny]) yield splitPorts(text)?.target ?? text;
  }
}

function* mentionsOf(policy: Policy): Iterable<Mention> {
  for (const { src, dst, via, srcPosture } of policy.rules ?? []) {
    yield* src;
    for (const { to } of dst) yield to;
    yield* via;
    yield* srcPosture;
  }
  for (const { src, dst, recorder, srcPosture } of policy.ssh) {
    yield* [...src, ...dst, ...recorder, ...srcPosture];
  }
  for (const { target } of policy.nodeAttributes) yield* target;
  for (const owners of policy.tagOwners.values()) yield* owners;
  for (const approvers of policy.autoApprovers.routes.values()) yield* approvers;
  yield* policy.autoApprovers.exitNode;
  yield* policy.defaultSrcPosture;
  for (const { src, dst } of policy.sshTests) yield* src ? [src, ...dst] : dst;
}
