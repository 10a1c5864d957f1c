import type { NetworkView } from '../address/network-view.js';
import { TargetNodes } from '../check/target-nodes.js';
import { TestEnds } from '../check/test-ends.js';
import { carries, distinctDestinations, distinctSources, joins, type PacketEnd } from '../compile/permits.js';
import type { Rule } from '../compile/rule.js';
import type { AccessRule, Place, Policy } from '../language/policy.js';
import { hasPorts, protocolName } from '../language/protocols.js';
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
  /** What it does to the flow that was asked about. */
  readonly verdict: 'allows' | 'drops' | 'comes nearest';
  /** Its text in the file. */
  readonly source: string;
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
  const ends = new QuestionEnds(policy, new TargetNodes(policy, view, directory), view);
  const sources = ends.of(question.src);
  const destinations = ends.of(question.dst);
  const unknown = sources.length === 0 ? question.src : destinations.length === 0 ? question.dst : undefined;
  if (unknown !== undefined) {
    const summary = `${JSON.stringify(unknown)} is no node, user, group, tag, host or address here`;
    return { allowed: undefined, summary, rule: undefined };
  }
  const rules = view.compiled.rules.filter((rule) => carries(rule, question.protocol, question.port));
  return decide(policy, rules, view, question, pairsOf(rules, sources, destinations));
}

type Pair = readonly [from: PacketEnd, to: PacketEnd];

/** Finds the ends that a question names: in the words of the policy, or else by the id of a node. */
class QuestionEnds {
  private readonly ends: TestEnds;

  constructor(
    private readonly policy: Policy,
    nodes: TargetNodes,
    private readonly view: NetworkView,
  ) {
    this.ends = new TestEnds(nodes);
  }

  of(name: string): PacketEnd[] {
    const node = this.policy.hosts.has(name) ? undefined : this.view.node(name);
    if (node) {
      const { subject, labels } = node;
      const user = subject.tags.length > 0 ? undefined : subject.user;
      return subject.addresses.map((address) => ({ address, own: true, labels, user }));
    }
    const target = parseTarget(name);
    return typeof target === 'string' ? [] : this.ends.of(target);
  }
}

/**
 * The pairs of ends that a packet may have, by address family; ends without an address stand for whoever will come. What
 * the rules do not tell apart is there once.
 */
function pairsOf(rules: readonly Rule[], sources: readonly PacketEnd[], destinations: readonly PacketEnd[]): Pair[][] {
  return [false, true].map((v6) => {
    const inFamily = ({ address }: PacketEnd) => address === '' || address.includes(':') === v6;
    const to = distinctDestinations(rules, destinations.filter(inFamily));
    return distinctSources(rules, sources.filter(inFamily)).flatMap((from) => to.map((end): Pair => [from, end]));
  });
}

function decide(
  policy: Policy,
  rules: readonly Rule[],
  view: NetworkView,
  question: AccessQuestion,
  families: readonly (readonly Pair[])[],
): Explanation {
  const flow = `${question.src} to ${question.dst}${portText(question)}/${protocolName(question.protocol)}`;
  for (const pairs of families) {
    const found = pairs.map(([from, to]) => rules.find((rule) => joins(rule, from, to)));
    const first = found.findIndex((rule) => rule !== undefined);
    const origin = view.compiled.origins.get(found[first]?.id ?? '')?.[0];
    const [from, to] = pairs[first] ?? [];
    if (!origin || !from || !to) continue;
    const { because } = matchRule(origin, policy, { from, to, ...question });
    const scope = found.includes(undefined) ? ', but not between all that these names stand for' : '';
    return {
      allowed: true,
      summary: `${flow} is allowed by ${origin.name}${scope}`,
      rule: explained(origin, 'allows', because),
    };
  }
  return denied(policy, flow, families.flat().slice(0, MAX_MATCHED), question);
}

/** `:443`; nothing of a protocol that has no ports. */
const portText = ({ port, protocol }: AccessQuestion): string => (hasPorts(protocol) ? `:${port}` : '');

/** How many pairs every rule of the file is held against to find the nearest. */
const MAX_MATCHED = 64;

function denied(
  policy: Policy,
  flow: string,
  pairs: readonly Pair[],
  { port, protocol }: Pick<AccessQuestion, 'port' | 'protocol'>,
): Explanation {
  const matches = pairs.flatMap(([from, to]) =>
    (policy.rules ?? []).map((rule) => ({ rule, ...matchRule(rule, policy, { from, to, port, protocol }) })),
  );
  const drop = matches.find(({ rule, missing }) => rule.action === 'drop' && missing === 0);
  const accepted = matches.some(({ rule, missing }) => rule.action === 'accept' && missing === 0);
  if (drop && accepted) {
    return {
      allowed: false,
      summary: `${flow} is dropped by ${drop.rule.name}`,
      rule: explained(drop.rule, 'drops', drop.because),
    };
  }
  const accepts = matches.filter(({ rule }) => rule.action === 'accept');
  const nearest = accepts.reduce<(RuleMatch & { rule: AccessRule }) | undefined>(
    (best, match) => (best === undefined || match.missing < best.missing ? match : best),
    undefined,
  );
  if (!nearest) return { allowed: false, summary: `${flow} is denied: there are no rules`, rule: undefined };
  const summary = `${flow} is denied: no rule allows it; ${nearest.rule.name} comes nearest`;
  return { allowed: false, summary, rule: explained(nearest.rule, 'comes nearest', nearest.because) };
}

const explained = (
  { name, line, column, source }: AccessRule,
  verdict: ExplainedRule['verdict'],
  because: string,
): ExplainedRule => ({ name, line, column, verdict, source, because });
