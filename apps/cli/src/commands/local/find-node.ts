import { NetfoldError } from '#kernel';
import type { NodeStatus, Status } from '../../../../agent/src/local-api/status.js';

/** The node that a person means by a name, a DNS name or an address. */
export function findNode(status: Status, wanted: string): NodeStatus {
  const nodes = [...(status.Self ? [status.Self] : []), ...Object.values(status.Peer)];
  const name = wanted.toLowerCase().replace(/\.$/, '');
  const found = nodes.find(({ HostName, DNSName, IPs }) => [HostName, DNSName, ...IPs].includes(name));
  if (found) return found;
  throw new NetfoldError({
    code: 'cli.no_such_node',
    message: `this machine knows no node ${JSON.stringify(wanted)}`,
    hint: 'see the names it knows with: netfold status',
  });
}
