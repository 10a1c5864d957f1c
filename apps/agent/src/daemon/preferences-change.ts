import { NetfoldError } from '#kernel';
import { formatPrefix, parsePrefix, prefixesOverlap, tryParsePrefix } from '#net';
import type { UpRequest } from '../local-api/messages.js';
import type { Preferences } from '../state/preferences.js';

/**
 * The preferences after a request; what it does not name stays.
 * @param tailnet the prefixes that nodes have their own addresses in
 * @throws NetfoldError `agent.bad_route`, `agent.bad_tag`, `agent.both_exit_nodes`
 */
export function changed(
  before: Preferences,
  { authKey, loginTicket, ledgerKey, advertiseRoutes, advertiseTags, exitNode, ...rest }: UpRequest,
  tailnet: readonly string[],
) {
  const after = {
    ...before,
    ...rest,
    ...(advertiseRoutes && {
      advertiseRoutes: [...new Set(advertiseRoutes.map((text) => canonicalRoute(text, tailnet)))],
    }),
    ...(advertiseTags && { advertiseTags: advertiseTags.map(checkTag) }),
    ...(exitNode !== undefined && { exitNode: exitNode || undefined, exitNodeName: exitNode || undefined }),
  } satisfies Preferences;
  if (after.exitNode === undefined || !after.advertiseExitNode) return after;
  throw new NetfoldError({
    code: 'agent.both_exit_nodes',
    message: 'a machine that is an exit node cannot use another one: packets of others would go round',
    where: '--exit-node',
    hint: 'give up one of both: --no-advertise-exit-node, or --exit-node ""',
  });
}

function canonicalRoute(text: string, tailnet: readonly string[]): string {
  const prefix = tryParsePrefix(text);
  const canonical = prefix && formatPrefix(prefix);
  if (!prefix || !canonical) throw badRoute(text, 'is not a subnet', 'write it like 192.168.1.0/24');
  if (prefix.bits === 0) throw badRoute(text, 'is everything', 'use --advertise-exit-node for that');
  // `tryParsePrefix` clears host bits: the person may have meant something else.
  if (text.includes('/') && text.toLowerCase() !== canonical)
    throw badRoute(text, 'has host bits', `did you mean ${canonical}?`);
  const own = tailnet.find((range) => prefixesOverlap(parsePrefix(range), prefix));
  if (own) throw badRoute(text, `overlaps ${own}, where the nodes themselves are`, 'nodes are reached without a route');
  return canonical;
}

function checkTag(tag: string): string {
  if (/^tag:[a-zA-Z][a-zA-Z0-9-]*$/.test(tag)) return tag;
  throw new NetfoldError({
    code: 'agent.bad_tag',
    message: `${JSON.stringify(tag)} is not a tag`,
    where: '--advertise-tags',
    hint: 'write it like tag:web',
  });
}

const badRoute = (text: string, what: string, hint: string): NetfoldError =>
  new NetfoldError({
    code: 'agent.bad_route',
    message: `${JSON.stringify(text)} ${what}`,
    where: '--advertise-routes',
    hint,
  });
