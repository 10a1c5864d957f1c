import { NetworkView, type PolicyNetwork } from '../address/network-view.js';
import { compilePolicy } from '../compile/compile-policy.js';
import type { CompiledPolicy } from '../compile/compiled-policy.js';
import { carries, distinctDestinations, distinctSources, joins, type PacketEnd } from '../compile/permits.js';
import type { Rule } from '../compile/rule.js';
import { type AccessQuestion, type ExplainedRule, explainAccess } from '../explain/explain-access.js';
import type { Policy, PolicyTest, TestTarget } from '../language/policy.js';
import { parsePorts } from '../language/ports.js';
import { hasPorts, TCP, UDP } from '../language/protocols.js';
import { splitPorts } from '../language/read-access.js';
import { isHostPrefix } from '../language/read-tests.js';
import { parseTarget } from '../language/targets.js';
import type { PolicyProblem } from '../problem.js';
import { TEST_FAILED } from './refusal.js';
import { runSshTests } from './run-ssh-tests.js';
import { TargetNodes } from './target-nodes.js';
import { TestEnds } from './test-ends.js';

/**
 * Runs the `tests` and `sshTests` of a policy on a network: each that does not hold is a problem which says what was
 * expected and what would happen. Nothing is proven by a test without sources, so that is a failure too.
 */
export function runPolicyTests(policy: Policy, network: PolicyNetwork, compiled?: CompiledPolicy): PolicyProblem[] {
  if (policy.tests.length === 0 && policy.sshTests.length === 0) return [];
  const view = new NetworkView(compiled ?? compilePolicy(policy), network);
  const nodes = new TargetNodes(policy, view, network.directory);
  const ends = new TestEnds(nodes);
  const failed = policy.tests.flatMap((test) => runTest(test, policy, view, ends));
  const why = (question: AccessQuestion) => explainAccess(policy, view, network.directory, question).rule;
  const explained = failed.map(({ problem, question }, i) =>
    question && i < MAX_EXPLAINED ? withReason(problem, why(question)) : problem,
  );
  return [...explained, ...runSshTests(nodes)];
}

/** The ends that one line of a test is about, one of each kind, and the rules about its port. */
interface Attempt {
  readonly rules: readonly Rule[];
  readonly from: readonly PacketEnd[];
  readonly to: readonly PacketEnd[];
  readonly question: AccessQuestion;
}

/** A test that does not hold, and the question about access that has another answer than it says. */
interface Failure {
  readonly problem: PolicyProblem;
  readonly question?: AccessQuestion;
}

/** So many failures get an explanation: each asks every rule. */
const MAX_EXPLAINED = 20;

function withReason(problem: PolicyProblem, rule: ExplainedRule | undefined): PolicyProblem {
  const hint = rule ? `${rule.name} (line ${rule.line}) ${rule.verdict}: ${rule.because}` : 'there are no rules';
  return { ...problem, hint };
}

function runTest(test: PolicyTest, policy: Policy, view: NetworkView, ends: TestEnds): Failure[] {
  const malformed = testComplaint(test, policy);
  if (malformed) return [{ problem: failure(test, `${test.name}: ${malformed}`) }];
  const from = sourceEnds(test, ends);
  if (typeof from === 'string') return [{ problem: failure(test, `${test.name}: ${from}`) }];
  const check = (target: TestTarget, wanted: boolean): Failure[] => {
    const attempt = readAttempt(target, test, policy, view, ends, from);
    if (typeof attempt === 'string')
      return [{ problem: failure(target, `${test.name}: ${JSON.stringify(target.text)}: ${attempt}`) }];
    const holds = wanted ? allowsAll(attempt) : !allowsSome(attempt);
    const { question } = attempt;
    return holds ? [] : [{ problem: failure(target, outcome(test, target, wanted)), question }];
  };
  return [...test.accept.flatMap((t) => check(t, true)), ...test.deny.flatMap((t) => check(t, false))];
}

function outcome(test: PolicyTest, target: TestTarget, wanted: boolean): string {
  const [expected, got] = wanted ? ['allowed', 'denied'] : ['denied', 'allowed'];
  const protocol = test.protocolName ? ` (${test.protocolName})` : '';
  return `${test.name}: ${test.src} to ${target.text}${protocol} should be ${expected}, but would be ${got}`;
}

function testComplaint(test: PolicyTest, policy: Policy): string | undefined {
  if (test.src === '') return 'a test needs a "src"';
  if (test.accept.length + test.deny.length === 0) return 'a test needs something in "accept" or "deny"';
  if (!test.protocols.every(hasPorts)) return 'a test is about tcp, udp or sctp, which have ports';
  const src = parseTarget(test.src);
  if (typeof src === 'string') return src;
  const unknown = src.kind === 'host' && !policy.hosts.has(src.name);
  return unknown ? `unknown user or host: ${JSON.stringify(test.src)}` : undefined;
}

function sourceEnds(test: PolicyTest, ends: TestEnds): PacketEnd[] | string {
  const target = parseTarget(test.src);
  const from = typeof target === 'string' ? [] : ends.of(target);
  return from.length > 0 ? from : `no node and no user is ${JSON.stringify(test.src)}`;
}

/** A test is about one port of one host, or of the nodes of one name. */
function readAttempt(
  { text }: TestTarget,
  test: PolicyTest,
  policy: Policy,
  view: NetworkView,
  ends: TestEnds,
  from: readonly PacketEnd[],
): Attempt | string {
  const split = splitPorts(text);
  const ports = split && parsePorts(split.ports);
  if (!split || !ports || typeof ports === 'string') return typeof ports === 'string' ? ports : 'names no port';
  const [range] = ports;
  if (ports.length !== 1 || !range || range.first !== range.last) return 'must name a single port';
  const target = parseTarget(split.target);
  if (typeof target === 'string') return target;
  if (target.kind === 'autogroup' && target.name === 'autogroup:internet') return 'routes decide that, not rules';
  if (target.kind === 'addresses' && (split.target.includes('/') || target.prefixes.length > 1)) return SINGLE_HOST;
  if (target.kind === 'host' && !isHostPrefix(policy.hosts.get(target.name) ?? '/32')) return SINGLE_HOST;
  const to = ends.of(target);
  if (to.length === 0) return 'there is no such node, user, tag or host';
  // Without a protocol, a test is content with either TCP or UDP, as in the reference.
  const protocols = test.protocols.length > 0 ? test.protocols : [TCP, UDP];
  const rules = view.compiled.rules.filter((rule) => protocols.some((one) => carries(rule, one, range.first)));
  const question = { src: test.src, dst: split.target, port: range.first, protocol: protocols[0] ?? TCP };
  return { rules, from: distinctSources(rules, from), to: distinctDestinations(rules, to), question };
}

const SINGLE_HOST = 'must be a single host, not a range of addresses';

const allowsAll = ({ rules, from, to }: Attempt): boolean =>
  from.every((source) => to.some((destination) => rules.some((rule) => joins(rule, source, destination))));

const allowsSome = ({ rules, from, to }: Attempt): boolean =>
  from.some((source) => to.some((destination) => rules.some((rule) => joins(rule, source, destination))));

function failure({ line, column }: { line: number; column: number }, message: string): PolicyProblem {
  return { severity: 'error', code: TEST_FAILED, message, line, column, where: `${line}:${column}` };
}
