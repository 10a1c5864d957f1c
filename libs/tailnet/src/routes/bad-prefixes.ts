import type { Problem } from '#kernel';
import { formatPrefix, parsePrefix, prefixContains, prefixesOverlap, tryParsePrefix } from '#net';
import { CGNAT } from '../nodes/addresses.js';
import type { TailnetState } from '../state.js';

/** Beyond what any site needs, and few enough for every kernel's and agent's table. */
const MAX_ROUTES_PER_NODE = 1_000;

/** What no router may forward: "this host", loopback, link-local, multicast and beyond (RFC 6890). */
const NEVER_ROUTED = [
  '0.0.0.0/8',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '224.0.0.0/3',
  '::/127',
  '::ffff:0:0/96',
  'fe80::/10',
  'ff00::/8',
].map(parsePrefix);

/** Why a node may not serve these prefixes, if so. */
export function badPrefixes(state: TailnetState, prefixes: readonly string[]): Problem | undefined {
  if (prefixes.length > MAX_ROUTES_PER_NODE) {
    const message = `a node may serve at most ${MAX_ROUTES_PER_NODE} routes`;
    return { code: 'route.too_many', message, where: 'prefixes', hint: 'advertise the prefixes that contain them' };
  }
  for (const text of prefixes) {
    const problem = badPrefix(state, text);
    if (problem) return { ...problem, where: text };
  }
  return undefined;
}

function badPrefix(state: TailnetState, text: string): Problem | undefined {
  const prefix = tryParsePrefix(text);
  if (!prefix) {
    const message = `${JSON.stringify(text)} is not a CIDR prefix`;
    return { code: 'route.malformed', message, hint: 'write it like 192.168.1.0/24' };
  }
  const canonical = formatPrefix(prefix);
  if (canonical !== text) {
    return { code: 'route.not_canonical', message: `${text} is not the way to write it`, hint: `write ${canonical}` };
  }
  // An exit node serves everything that nobody else does.
  if (prefix.bits === 0) return undefined;
  const ula = tryParsePrefix(state.tailnet?.ula ?? '');
  if (prefixesOverlap(CGNAT, prefix) || (ula && prefixesOverlap(ula, prefix))) {
    return { code: 'route.inside_tailnet', message: `${text} overlaps the addresses of the tailnet itself` };
  }
  if (!NEVER_ROUTED.some((never) => prefixContains(never, prefix))) return undefined;
  return { code: 'route.never_routed', message: `${text} is for use within one machine or link only` };
}
