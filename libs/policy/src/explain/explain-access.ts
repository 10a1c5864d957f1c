import type { NetworkView } from '../address/network-view.js';
import { TargetNodes } from '../check/target-nodes.js';
import { TestEnds } from '../check/test-ends.js';
import { type PacketEnd, permits } from '../compile/permits.js';
import type { AccessRule, Place, Policy } from '../language/policy.js';
import { protocolName } from '../language/protocols.js';
import { parseTarget } from '../language/targets.js';
import type { Directory } from '../subject.js';
import { matchRule, type RuleMatch } from './match-rule.js';

/** A question about access: names are those of the language, or ids of nodes. */
export interface AccessQuestion {
  readonly src: string;
  readonly dst: string;
  readonly port: number;
  /** IANA number. */
  readonly protocol: number;
}

/** A rule of the file and what it has to do with the answer. */
export interface ExplainedRule extends Place {
  /** `acls[3]` */
  readonly name: string;
  /** In words: through which names it matches, or why it does not. */
  readonly because: string;
}

export interface Explanation {
  /** Undefined when a name of the question means nothing. */
  readonly allowed: boolean | undefined;
  /** One sentence. */
  readonly summary: string;
  /** The rule that decides: the accept that matches, the drop that takes it away, or else the accept that comes nearest. */
  readonly rule: ExplainedRule | undefined;
}

/** Says whether a flow is allowed, and by which rule; or which rule comes nearest, and what it lacks. */
export function explainAccess(
  policy: Policy,
  view: NetworkView,
  directory: Directory,
  question: AccessQuestion,
): Explanation {
  const ends = new QuestionEnds(new TargetNodes(policy, view, directory), view);
  const sources = ends.of(question.src);
  const destinations = ends.of(question.dst);
  const unknown = sources.length === 0 ? question.src : destinations.length === 0 ? question.dst : undefined;
  if (unknown !== undefined) {
    const summary = `${JSON.stringify(unknown)} is no node, user, group, tag, host or address here`;
    return { allowed: undefined, summary, rule: undefined };
  }
  const flow = `${question.src} to ${question.dst}:${question.port}/${protocolName(question.protocol)}`;
  return decide(policy, view, question, flow, sameFamily(sources, destinations));
}

class QuestionEnds {
  private readonly ends: TestEnds;

  constructor(
    nodes: TargetNodes,
    private readonly view: NetworkView,
  ) {
    this.ends = new TestEnds(nodes);
  }

  of(name: string): PacketEnd[] {
    const node = this.view.node(name);
    if (node) {
      const { subject, labels } = node;
      const user = subject.tags.length > 0 ? undefined : subject.user;
      return subject.addresses.map((address) => ({ address, own: true, labels, user }));
    }
    const target = parseTarget(name);
    return typeof target === 'string' ? [] : this.ends.of(target);
  }
}

/** The pairs of ends that a packet may have; ends without an address stand for whoever will come. */
function sameFamily(sources: readonly PacketEnd[], destinations: readonly PacketEnd[]): [PacketEnd, PacketEnd][] {
  const isV6 = ({ address }: PacketEnd) => address.includes(':');
  return sources.flatMap((from) =>
    destinations
      .filter((to) => from.address === '' || to.address === '' || isV6(from) === isV6(to))
      .map((to): [PacketEnd, PacketEnd] => [from, to]),
  );
}

function decide(
  policy: Policy,
  view: NetworkView,
  { port, protocol }: AccessQuestion,
  flow: string,
  pairs: readonly [PacketEnd, PacketEnd][],
): Explanation {
  for (const [from, to] of pairs) {
    const packet = { from, to, port, protocol };
    const decisive = view.compiled.rules.find((rule) => permits(rule, packet));
    const origin = decisive && view.compiled.origins.get(decisive.id)?.[0];
    if (!origin) continue;
    const { because } = matchRule(origin, policy, packet);
    return { allowed: true, summary: `${flow} is allowed by ${origin.name}`, rule: explained(origin, because) };
  }
  return denied(policy, flow, pairs, { port, protocol });
}

function denied(
  policy: Policy,
  flow: string,
  pairs: readonly [PacketEnd, PacketEnd][],
  service: Pick<AccessQuestion, 'port' | 'protocol'>,
): Explanation {
  const matches = pairs.flatMap(([from, to]) =>
    (policy.rules ?? []).map((rule) => ({ rule, ...matchRule(rule, policy, { from, to, ...service }) })),
  );
  const drop = matches.find(({ rule, missing }) => rule.action === 'drop' && missing === 0);
  const accepted = matches.some(({ rule, missing }) => rule.action === 'accept' && missing === 0);
  if (drop && accepted) {
    return {
      allowed: false,
      summary: `${flow} is dropped by ${drop.rule.name}`,
      rule: explained(drop.rule, drop.because),
    };
  }
  const accepts = matches.filter(({ rule }) => rule.action === 'accept');
  const nearest = accepts.reduce<(RuleMatch & { rule: AccessRule }) | undefined>(
    (best, match) => (best === undefined || match.missing < best.missing ? match : best),
    undefined,
  );
  if (!nearest) return { allowed: false, summary: `${flow} is denied: there are no rules`, rule: undefined };
  const summary = `${flow} is denied: no rule allows it; ${nearest.rule.name} comes nearest`;
  return { allowed: false, summary, rule: explained(nearest.rule, nearest.because) };
}

const explained = ({ name, line, column }: AccessRule, because: string): ExplainedRule => ({
  name,
  line,
  column,
  because,
});
