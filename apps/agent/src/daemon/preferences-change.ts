import { NetfoldError } from '#kernel';
import { formatPrefix, tryParsePrefix } from '#net';
import type { UpRequest } from '../local-api/messages.js';
import type { Preferences } from '../state/preferences.js';

/**
 * The preferences after a request; what it does not name stays.
 * @throws NetfoldError `agent.bad_route`, `agent.bad_tag`
 */
export function changed(
  before: Preferences,
  { authKey, loginTicket, ledgerKey, advertiseRoutes, advertiseTags, exitNode, ...rest }: UpRequest,
) {
  return {
    ...before,
    ...rest,
    ...(advertiseRoutes && { advertiseRoutes: [...new Set(advertiseRoutes.map(canonicalRoute))] }),
    ...(advertiseTags && { advertiseTags: advertiseTags.map(checkTag) }),
    ...(exitNode !== undefined && { exitNode: exitNode || undefined }),
  } satisfies Preferences;
}

function canonicalRoute(text: string): string {
  const prefix = tryParsePrefix(text);
  const canonical = prefix && formatPrefix(prefix);
  if (!prefix || !canonical) throw badRoute(text, 'is not a subnet', 'write it like 192.168.1.0/24');
  if (prefix.bits === 0) throw badRoute(text, 'is everything', 'use --advertise-exit-node for that');
  // `tryParsePrefix` clears host bits: the person may have meant something else.
  if (text.includes('/') && text.toLowerCase() !== canonical)
    throw badRoute(text, 'has host bits', `did you mean ${canonical}?`);
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
