// What the library answers for a case, beside what the reference answered.
import {
  compilePolicy,
  NetworkView,
  nodeCapabilities,
  parsePolicy,
  policyRefusal,
  runPolicyTests,
  toPacketFilter,
  toSshRules,
  visiblePeers,
} from '#policy';
import { canonicalFilter, canonicalSsh } from './canonical.mjs';
import { caseDomains, caseNetwork } from './case-network.mjs';
import { BUILT_IN_CAPABILITIES, isExcused } from './outside-the-policy.mjs';

/** The differences of one case, each as { node, what, expected, got }; none when it passes. */
export function differences(golden) {
  const network = caseNetwork(golden);
  const { policy, problems } = parsePolicy(JSON.stringify(golden.policy, null, 1), { domains: caseDomains(golden) });
  const failed = policy ? runPolicyTests(policy, network) : [];
  const refusal = policyRefusal([...problems, ...failed]);
  const saved = { status: refusal === undefined ? 200 : 400, error: refusal ?? null };
  const found = compare('', 'answer', { status: golden.status, error: golden.error }, saved);
  if (golden.status === 200 && policy && refusal === undefined) {
    const view = new NetworkView(compilePolicy(policy), network);
    for (const [node, expected] of Object.entries(golden.expected)) {
      found.push(...nodeDifferences(golden, { policy, network, view }, node, expected));
    }
  }
  return found.filter((difference) => !isExcused(golden.id, difference));
}

function nodeDifferences(golden, { policy, network, view }, node, expected) {
  const found = [];
  found.push(
    ...compareRules(
      node,
      'packet filter',
      canonicalFilter(expected.packetFilterRules),
      canonicalFilter(toPacketFilter(view, node)),
    ),
  );
  found.push(...peerDifferences(golden, view, node, expected.peers));
  if (expected.sshRules !== undefined) {
    found.push(...compare(node, 'ssh', canonicalSsh(expected.sshRules), canonicalSsh(toSshRules(view, node))));
  }
  if (golden.category === 'nodeattrs') {
    const subject = network.subjects.find(({ id }) => id === node);
    const granted = Object.entries(nodeCapabilities(policy, subject, network.directory));
    found.push(...compare(node, 'capabilities', policyCapabilities(expected.self.capMap), granted.map(text).sort()));
  }
  return found;
}

/** Peer by peer: its addresses and the routes that the policy opens, as far as it is the primary router of them. */
function peerDifferences(golden, view, node, expectedPeers) {
  const got = new Map(visiblePeers(view, node).map((peer) => [peer.id, peer]));
  const found = compare(node, 'peers', Object.keys(expectedPeers).sort(), [...got.keys()].sort());
  for (const [name, expected] of Object.entries(expectedPeers)) {
    const peer = got.get(name);
    if (!peer) continue;
    const primaries = golden.expected[name]?.self?.primaryRoutes ?? [];
    const isExit = (route) => route.endsWith('/0');
    const routes = peer.routes.filter((route) => isExit(route) || primaries.includes(route));
    const { ipv4, ipv6 } = golden.nodes[name];
    const allowed = [`${ipv4}/32`, `${ipv6}/128`, ...routes].sort();
    found.push(...compare(node, `allowed IPs of ${name}`, [...expected.allowedIPs].sort(), allowed));
    const primary = routes.filter((route) => !isExit(route)).sort();
    found.push(...compare(node, `primary routes of ${name}`, [...(expected.primaryRoutes ?? [])].sort(), primary));
  }
  return found;
}

const policyCapabilities = (capabilities) =>
  Object.entries(capabilities)
    .filter(([name]) => !BUILT_IN_CAPABILITIES.has(name))
    .map(text)
    .sort();

const text = (value) => JSON.stringify(value);

function compare(node, what, expected, got) {
  return text(expected) === text(got) ? [] : [{ node, what, expected: text(expected), got: text(got) }];
}

function compareRules(node, what, expected, got) {
  const missing = expected.filter((rule) => !got.includes(rule));
  const surplus = got.filter((rule) => !expected.includes(rule));
  const pairs = Math.max(missing.length, surplus.length);
  return Array.from({ length: pairs }, (_, i) => ({
    node,
    what,
    expected: missing[i] ?? 'no further rule',
    got: surplus[i] ?? 'no further rule',
  }));
}
