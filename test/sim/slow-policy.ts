import { parseAddress, parsePrefix, prefixContainsAddress } from '#net';
import type { Node, TailnetState } from '#tailnet';

/** The first packet of a flow, as it left the node that sent it. */
export interface Opening {
  readonly source: string;
  readonly destination: string;
  /** IANA number: 1, 6, 17 or 58. */
  readonly protocol: number;
  /** Of the destination; no matter for ICMP. */
  readonly port: number;
}

interface Policy {
  readonly groups: Readonly<Record<string, readonly string[]>>;
  readonly acls: readonly {
    readonly proto?: string;
    readonly src: readonly string[];
    readonly dst: readonly string[];
  }[];
}

const PROTOCOL = { tcp: 6, udp: 17 } as const;
const ICMP = [1, 58];

/**
 * Whether a node may send this to another: the meaning of the policy file, read anew for every packet and by nobody else.
 * Nothing of it comes from the code under test but the state.
 */
export function mayPass(state: TailnetState, from: string, to: string, opening: Opening): boolean {
  const [sender, receiver] = [state.nodes.get(from), state.nodes.get(to)];
  if (!sender || !receiver || !takesPart(state, sender) || !takesPart(state, receiver)) return false;
  const { source, destination } = opening;
  const [src, dst] = [endAt(state, sender, source), endAt(state, receiver, destination)];
  if (!src || !dst) return false;
  const policy = policyOf(state.policy.text);
  return policy.acls.some((rule) => {
    if (rule.proto && PROTOCOL[rule.proto as keyof typeof PROTOCOL] !== opening.protocol) return false;
    if (!rule.src.some((name) => names(policy, state, name, src))) return false;
    return rule.dst.some((text) => {
      const [, name = '', ports = ''] = /^(.*):([^:]*)$/.exec(text) ?? [];
      if (!ICMP.includes(opening.protocol) && !covers(ports, opening.port)) return false;
      if (name !== 'autogroup:self') return names(policy, state, name, dst);
      return src.own && dst.own && src.login !== undefined && src.login === dst.login;
    });
  });
}

/** One end of the packet: an address, and the node that has it or routes to it. */
interface End {
  readonly address: string;
  readonly own: boolean;
  /** Of the node's owner; tagged nodes have none. */
  readonly login: string | undefined;
  readonly tags: readonly string[];
}

const takesPart = (state: TailnetState, { approved, expired, userId }: Node): boolean =>
  approved && !expired && (userId === undefined || state.users.get(userId)?.suspended === false);

/** Undefined when the node has nothing to do with the address. */
function endAt(state: TailnetState, node: Node, address: string): End | undefined {
  const own = address === node.ipv4 || address === node.ipv6;
  const served = [...node.routes].some(
    ([prefix, { advertised, approved }]) => advertised && approved && isIn(prefix, address),
  );
  if (!own && !served) return undefined;
  const login = node.tags.length > 0 ? undefined : state.users.get(node.userId ?? '')?.login;
  return { address, own, login, tags: node.tags };
}

function names(policy: Policy, state: TailnetState, name: string, { address, own, login, tags }: End): boolean {
  if (name === '*') return true;
  if (/^[\d.]+(\/\d+)?$/.test(name)) return isIn(name, address);
  if (!own) return false;
  if (name === 'autogroup:member') return login !== undefined;
  if (name === 'autogroup:tagged') return tags.length > 0;
  if (name.startsWith('tag:')) return tags.includes(name);
  if (login === undefined) return false;
  if (!name.startsWith('group:')) return name === login;
  return (policy.groups[name] ?? []).includes(login) || (state.groups.get(name)?.has(login) ?? false);
}

const isIn = (prefix: string, address: string): boolean =>
  prefixContainsAddress(parsePrefix(prefix.includes('/') ? prefix : `${prefix}/32`), parseAddress(address));

const covers = (ports: string, port: number): boolean =>
  ports.split(',').some((range) => {
    if (range === '*') return true;
    const [first = 0, last = first] = range.split('-').map(Number);
    return first <= port && port <= last;
  });

const parsed = new Map<string, Policy>();

/** The policies of the simulation are JSON. */
function policyOf(text: string): Policy {
  const known = parsed.get(text) ?? { groups: {}, acls: [], ...(JSON.parse(text || '{}') as Partial<Policy>) };
  parsed.set(text, known);
  return known;
}
