import { tryParsePrefix } from '#net';
import { prefixText } from '../address/prefixes.js';
import type { JsonNode } from '../hujson/json-node.js';
import { readMentions } from './mentions.js';
import type { AutoApprovers, Mention } from './policy.js';
import type { Reader } from './reader.js';
import type { Scope } from './scope.js';
import { APPROVER } from './slots.js';

/** `autoApprovers`: who may serve which routes without asking. */
export function readAutoApprovers(reader: Reader, node: JsonNode, scope: Scope): AutoApprovers {
  const routes = new Map<string, Mention[]>();
  let exitNode: Mention[] = [];
  reader.fields(node, '"autoApprovers"', {
    routes: (value) => {
      for (const member of reader.entries(value, '"routes"')) {
        const approvers = readMentions(reader, member.value, APPROVER, scope);
        const prefix = tryParsePrefix(member.key.trim());
        if (prefix) routes.set(prefixText(prefix), [...(routes.get(prefixText(prefix)) ?? []), ...approvers]);
        else {
          const message = `${JSON.stringify(member.key)} is not a CIDR prefix`;
          reader.error(member.keyStart, { code: 'policy.bad_route', message, hint: 'write it like "10.0.0.0/8"' });
        }
      }
    },
    exitNode: (value) => {
      exitNode = readMentions(reader, value, APPROVER, scope);
    },
    // Services are not routes; the reference lets them be approved in the same place.
    services: (value) => {
      for (const member of reader.entries(value, '"services"')) readMentions(reader, member.value, APPROVER, scope);
    },
  });
  return { routes, exitNode };
}
