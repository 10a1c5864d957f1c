import { ControlServers } from '../link/control-servers.js';
import type { Membership } from '../state/membership.js';
import type { NodePorts } from './node-ports.js';

/** Where a node may find its control plane. */
interface Member {
  readonly ports: Pick<NodePorts, 'random' | 'connect'>;
  readonly membership: NonNullable<Membership>;
  readonly onServers?: (urls: readonly string[]) => void;
}

/** The servers that a node may connect to: where it joined, and where it was told. */
export const nodeServers = ({ ports, membership, onServers }: Member): ControlServers =>
  new ControlServers({
    home: membership.agentUrl,
    known: membership.servers ?? [],
    random: ports.random,
    connect: (url) => ports.connect(url),
    changed: (urls) => onServers?.(urls),
  });
