import { parsePrefix, prefixContainsAddress, tryParseAddress } from '#net';
import type { NodeStatus } from '../../../../agent/src/local-api/status.js';
import { nameMeans } from './find-node.js';

interface Owner<N> {
  readonly node: N;
  /** The subnet that the node routes to the address; undefined when the address is its own. */
  readonly route: string | undefined;
}

type Routed = Pick<NodeStatus, 'HostName' | 'DNSName' | 'IPs'> & { readonly PrimaryRoutes: readonly string[] };

/** `100.64.0.2:443` and `[fd00::2]:443` without the port; names, DNS names and addresses as they are. */
export function hostOf(text: string): string {
  const [, v6, other] = /^(?:\[([^\]]+)\](?::\d+)?|([^:]+):\d+)$/.exec(text) ?? [];
  return v6 ?? other ?? text;
}

/** The node that has this name or address, or else routes the smallest subnet around it; exit nodes route no subnet. */
export function ownerOfAddress<N extends Routed>(nodes: readonly N[], wanted: string): Owner<N> | undefined {
  const own = nodes.find((node) => nameMeans(node, wanted));
  if (own) return { node: own, route: undefined };
  const address = tryParseAddress(wanted);
  if (!address) return undefined;
  const around = nodes
    .flatMap((node) => node.PrimaryRoutes.map((route) => ({ node, route, prefix: parsePrefix(route) })))
    .filter(({ prefix }) => prefix.bits > 0 && prefixContainsAddress(prefix, address));
  return around.sort((a, b) => b.prefix.bits - a.prefix.bits)[0];
}
