import { getServers } from 'node:dns';
import type { Clock } from '#kernel';
import { askServer } from '../control-address.js';
import type { Agent } from '../daemon/agent.js';
import { LINUX_MTU } from '../engine/linux-host-port.js';
import type {
  ControlReport,
  DnsReport,
  NetcheckReport,
  TunnelReport,
  UdpReport,
} from '../local-api/netcheck-report.js';
import type { Status } from '../local-api/status.js';
import { measureControl } from './measure-control.js';
import { netcheckProblems } from './netcheck-problems.js';
import { wayOut } from './way-out.js';

/**
 * Measures what lies between this machine, the control plane and the peers.
 * @param server another one than this machine is a member at
 */
export async function netcheck(agent: Agent, server: string | undefined): Promise<NetcheckReport> {
  const { status, ports } = agent;
  const [IPv4, IPv6, Control] = await Promise.all([
    wayOut('udp4'),
    wayOut('udp6'),
    controlOf(status, server ?? status.ControlURL, ports),
  ]);
  const report = {
    When: new Date(ports.wallClock.now()).toISOString(),
    UDP: udpOf(status, agent.port),
    IPv4,
    IPv6,
    Endpoints: status.Self?.Addrs ?? [],
    Tunnel: tunnelOf(agent.interfaceName),
    Control,
    DNS: dnsOf(status),
  };
  return { ...report, Problems: netcheckProblems(report, LINUX_MTU) };
}

async function controlOf(
  status: Status,
  url: string | undefined,
  { wallClock, monotonic }: { readonly wallClock: Clock; monotonic(): number },
): Promise<ControlReport> {
  if (url === undefined) return { Reachable: false, Problem: 'no server is known yet', Connected: false };
  const probe = { ask: askServer, wallClock: () => wallClock.now(), monotonic };
  const { Connected } = url === status.ControlURL ? status.Control : { Connected: false };
  return { ...(await measureControl(probe, url)), Connected };
}

/** What a relay carried proves nothing about UDP, and neither does the silence of a peer that is offline. */
export function udpOf({ Peer }: Pick<Status, 'Peer'>, Port: number | undefined): UdpReport {
  const tried = Object.values(Peer).filter((peer) => peer.LastHandshake || (peer.Online && peer.TxBytes > 0));
  const heard = tried.flatMap(({ LastHandshake, Relay }) => (LastHandshake && !Relay ? [LastHandshake] : []));
  return {
    Port,
    Works: tried.length > 0 ? heard.length > 0 : undefined,
    PeersTried: tried.length,
    PeersHeard: heard.length,
    LastHeard: heard.toSorted().at(-1),
  };
}

const tunnelOf = (Interface: string | undefined): TunnelReport => (Interface ? { Interface, MTU: LINUX_MTU } : {});

const dnsOf = ({ DNS }: Status): DnsReport => ({ Via: DNS?.Via, Nameservers: DNS?.Nameservers ?? getServers() });
