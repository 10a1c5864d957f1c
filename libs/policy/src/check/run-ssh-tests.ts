import type { NetworkView } from '../address/network-view.js';
import { type LabelledNode, sameUser } from '../compile/reach.js';
import type { Mention, SshTest } from '../language/policy.js';
import type { PolicyProblem } from '../problem.js';
import { answerLogin, type SshAnswer } from '../ssh/ssh-access.js';
import { TEST_FAILED } from './refusal.js';
import type { TargetNodes } from './target-nodes.js';

/** Runs the `sshTests` of a policy: every source must get the expected answer at every destination. */
export function runSshTests(nodes: TargetNodes): PolicyProblem[] {
  return nodes.policy.sshTests.flatMap((test) => {
    const failed = runTest(test, nodes);
    return failed.map(
      (message): PolicyProblem => ({
        severity: 'error',
        code: TEST_FAILED,
        message: `${test.name}: ${message}`,
        line: test.line,
        column: test.column,
        where: `${test.line}:${test.column}`,
      }),
    );
  });
}

function runTest(test: SshTest, nodes: TargetNodes): string[] {
  if (!test.src) return ['a test needs a "src"'];
  if (test.dst.length === 0) return ['a test needs a "dst"'];
  if (test.accept.length + test.deny.length + test.check.length === 0)
    return ['nothing in "accept", "deny" or "check"'];
  const v6 = test.dst.find(({ target }) => target.kind === 'addresses' && target.prefixes.some((p) => p.includes(':')));
  // The reference takes a colon there for that of a port.
  if (v6) return [`${v6.text}: name a destination of an SSH test by its tag, its user or its IPv4 address`];
  const sources = nodesOf(test.src, nodes, []);
  if (sources.length === 0) return [`no node is ${JSON.stringify(test.src.text)}`];
  const missing = test.dst.filter((mention) => nodesOf(mention, nodes, sources).length === 0);
  if (missing.length > 0) return missing.map(({ text }) => `no node is ${JSON.stringify(text)}`);
  const destinations = new Set(test.dst.flatMap((mention) => nodesOf(mention, nodes, sources)));
  const expectations: [readonly string[], (answer: SshAnswer) => boolean, string][] = [
    [test.accept, (answer) => answer !== 'deny', 'allowed'],
    [test.deny, (answer) => answer === 'deny', 'denied'],
    [test.check, (answer) => answer === 'check', 'allowed after a check'],
  ];
  return expectations.flatMap(([users, holds, expected]) =>
    users.flatMap((user) => {
      const wrong = firstWrong(nodes.view, sources, destinations, user, holds);
      return wrong
        ? [`${test.src?.text} as ${user || '""'} on ${wrong.at} should be ${expected}, but would be ${wrong.got}`]
        : [];
    }),
  );
}

function firstWrong(
  view: NetworkView,
  sources: readonly LabelledNode[],
  destinations: ReadonlySet<LabelledNode>,
  user: string,
  holds: (answer: SshAnswer) => boolean,
): { at: string; got: string } | undefined {
  for (const to of destinations) {
    for (const from of sources) {
      const answer = answerLogin(view.compiled.ssh, from, to, user);
      if (!holds(answer)) return { at: to.subject.id, got: ANSWERS[answer] };
    }
  }
  return undefined;
}

const ANSWERS: Readonly<Record<SshAnswer, string>> = {
  accept: 'allowed',
  check: 'allowed after a check',
  deny: 'denied',
};

function nodesOf({ target }: Mention, nodes: TargetNodes, sources: readonly LabelledNode[]): LabelledNode[] {
  if (target.kind !== 'autogroup' || target.name !== 'autogroup:self') return nodes.of(target);
  return nodes.view.nodes.filter(({ subject }) => sources.some((source) => sameUser(source.subject, subject)));
}
