import type { NodeStatus, Status } from '../../../../agent/src/local-api/status.js';
import { type Io, print, remark } from '../../output/io.js';
import { painter } from '../../output/style.js';
import { formatTable } from '../../output/table.js';
import { ownState, wayTo } from './way-to.js';

/** Prints one aligned line for each node, and what a person should look at beside it, where no program reads it. */
export function printStatus(io: Io, status: Status): void {
  const { Self, MagicDNSSuffix } = status;
  const paint = painter(io);
  const peers = Object.values(status.Peer).sort((a, b) => (a.HostName < b.HostName ? -1 : 1));
  const rows = peers.map((peer) => row(peer, MagicDNSSuffix, wayTo(peer, paint, io.now())));
  if (Self) rows.unshift(row(Self, MagicDNSSuffix, ownState(Self)));
  print(io, ...formatTable(rows));
  printHealth(io, status);
}

/** Prints what a person should look at, under headings that cannot be taken for a node. */
export function printHealth(io: Io, { BackendState, Self, Health, Fallbacks }: Status): void {
  if (BackendState === 'NeedsMachineAuth')
    remark(io, `\n# An admin must approve this machine: netfold node approve ${Self?.HostName}`);
  if (Self?.NameTaken)
    remark(io, `\n# The name ${Self.NameTaken} belongs to another machine: this one is ${Self.HostName}.`);
  list(io, 'Health check', Health);
  list(io, 'Not as fast as it could be', Fallbacks);
}

function list(io: Io, title: string, lines: readonly string[]): void {
  if (lines.length > 0) remark(io, [`\n# ${title}:`, ...lines.map((line) => `#     - ${line}`)].join('\n'));
}

const row = (node: NodeStatus, domain: string | undefined, way: string): string[] => [
  node.IPs[0] ?? '-',
  nameOf(node, domain),
  ownerOf(node),
  node.OS || '-',
  way,
];

/** A node of another network goes by its whole name: the short one may be taken here. */
const nameOf = ({ HostName, DNSName }: NodeStatus, domain: string | undefined): string =>
  domain === undefined || DNSName === `${HostName}.${domain}` ? HostName : DNSName;

const ownerOf = ({ User, Tags }: NodeStatus): string => User ?? (Tags.length > 0 ? 'tagged-devices' : '-');
