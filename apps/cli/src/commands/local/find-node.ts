import { NetfoldError } from '#kernel';
import { formatAddress, tryParseAddress } from '#net';
import type { NodeStatus, PeerStatus, SelfStatus, Status } from '../../../../agent/src/local-api/status.js';

/** This machine, when it is a member, and those that it may see. */
export const nodesOf = ({ Self, Peer }: Status): (SelfStatus | PeerStatus)[] => [
  ...(Self ? [Self] : []),
  ...Object.values(Peer),
];

/** Whether a name, a DNS name or an address is this node's, however it is written. */
export function nameMeans(
  { HostName, DNSName, IPs }: Pick<NodeStatus, 'HostName' | 'DNSName' | 'IPs'>,
  wanted: string,
) {
  const address = tryParseAddress(wanted);
  const name = address ? formatAddress(address) : wanted.toLowerCase().replace(/\.$/, '');
  return [HostName, DNSName, ...IPs].includes(name);
}

/** The node that a person means by a name, a DNS name or an address. */
export function findNode(status: Status, wanted: string): NodeStatus {
  const found = nodesOf(status).find((node) => nameMeans(node, wanted));
  if (found) return found;
  throw new NetfoldError({
    code: 'cli.no_such_node',
    message: `this machine knows no node ${JSON.stringify(wanted)}`,
    hint: 'see the names it knows with: netfold status',
  });
}
