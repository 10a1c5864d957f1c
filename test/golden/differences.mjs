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
import { caseDomains, caseNetwork, casePrimaries, routesInFlux } from './case-network.mjs';
import { BUILT_IN_CAPABILITIES, isExcused, unredacted } from './outside-the-policy.mjs';

/** The differences of one case, each as { node, what, expected, got }; none when it passes. */
export function differences(golden) {
  const network = caseNetwork(golden);
  const { policy, problems } = parsePolicy(JSON.stringify(golden.policy, null, 1), { domains: caseDomains(golden) });
  const failed = policy ? runPolicyTests(policy, network) : [];
  const refusal = policyRefusal([...problems, ...failed]);
  const saved = { status: refusal === undefined ? 200 : 400, error: refusal ?? null };
  const found = compare('', 'answer', { status: golden.status, error: unredacted(golden) }, saved);
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
  found.push(...peerDifferences(golden, { policy, network, view }, node, expected.peers));
  if (expected.sshRules !== undefined) {
    found.push(...compare(node, 'ssh', canonicalSsh(expected.sshRules), canonicalSsh(toSshRules(view, node))));
  }
  if (golden.category === 'nodeattrs') {
    const granted = policyCapabilities(capabilitiesOf(policy, network, node));
    found.push(...compare(node, 'capabilities', policyCapabilities(expected.self.capMap), granted));
  }
  return found;
}

/** Peer by peer: its addresses and the routes that the policy opens through it. */
function peerDifferences(golden, { policy, network, view }, node, expectedPeers) {
  const got = new Map(visiblePeers(view, node, casePrimaries(golden)).map((peer) => [peer.id, peer]));
  const found = compare(node, 'peers', Object.keys(expectedPeers).sort(), [...got.keys()].sort());
  const withoutIpv4 = (id) => 'disable-ipv4' in capabilitiesOf(policy, network, id);
  for (const [name, expected] of Object.entries(expectedPeers)) {
    // A route in flux had reached some peers and not yet others: whoever has it must be let have it, no more.
    const flux = routesInFlux(golden, name).filter((route) => !expected.allowedIPs.includes(route));
    const routes = (got.get(name)?.routes ?? []).filter((route) => !flux.includes(route));
    const { ipv4, ipv6 } = golden.nodes[name];
    const own = withoutIpv4(node) || withoutIpv4(name) ? [`${ipv6}/128`] : [`${ipv4}/32`, `${ipv6}/128`];
    found.push(...compare(node, `allowed IPs of ${name}`, [...expected.allowedIPs].sort(), [...own, ...routes].sort()));
    const primary = routes.filter((route) => !route.endsWith('/0')).sort();
    found.push(...compare(node, `primary routes of ${name}`, [...(expected.primaryRoutes ?? [])].sort(), primary));
  }
  return found;
}

function capabilitiesOf(policy, network, id) {
  const subject = network.subjects.find((candidate) => candidate.id === id);
  return nodeCapabilities(policy, subject, network.directory);
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
