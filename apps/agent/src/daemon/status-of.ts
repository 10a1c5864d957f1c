import type { UdpPath } from '#dataplane';
import { toBase64, toHex } from '#kernel';
import { formatPrefix } from '#net';
import type { PeerItem, SelfItem } from '#netmap';
import { dnsLabel, isNumbered } from '#tailnet';
import type { PeerStatus as EnginePeer } from '#wireguard';
import type { LedgerGuard } from '../checkpoint/ledger-guard.js';
import type { LedgerAlarm } from '../checkpoint/ledger-record.js';
import type {
  BackendState,
  LedgerAlarmStatus,
  LedgerStatus,
  PeerStatus,
  PresharedKeyStatus,
  SelfStatus,
  Status,
  UapiStatus,
} from '../local-api/status.js';
import type { Node } from '../node/node.js';
import { formatNodeKey } from '../node/own-key.js';
import type { Membership } from '../state/membership.js';
import type { Preferences } from '../state/preferences.js';
import { fallbacksOf } from './fallbacks.js';

/** What the status is made of. */
export interface StatusSources {
  readonly version: string;
  readonly preferences: Preferences;
  readonly membership: Membership;
  readonly ledger: LedgerGuard;
  /** Absent while the node is down. */
  readonly node: Node | undefined;
}

export function statusOf({ version, preferences, membership, ledger, node }: StatusSources): Status {
  const held = node?.follower.held;
  const self = node?.follower.self;
  const features = node?.plane.tunnel.path.features;
  const carrier = node?.plane.carrier;
  return {
    Version: version,
    BackendState: stateOf(membership, node),
    TUN: !preferences.userspace,
    DataPath: features,
    Fallbacks: features ? fallbacksOf(features, carrier?.host.interfaceName !== undefined, carrier?.threadProblem) : [],
    Uapi: node && uapiStatus(node),
    ControlURL: membership?.serverUrl ?? preferences.serverUrl,
    Control: {
      Connected: node?.handler.isConnected ?? false,
      Revision: held?.epoch && held.revision,
      Digest: held?.epoch && toHex(held.digest),
      Problem: node?.handler.problem?.message,
    },
    Ledger: ledgerStatus(ledger),
    Health: [...(self?.suspended ? [cutOff(self)] : []), ...(node?.problems.map(({ message }) => message) ?? [])],
    MagicDNSSuffix: self?.dnsName.slice(self.name.length + 1),
    DNS: node?.names?.status && { Via: node.names.status.via, Nameservers: node.names.status.nameservers },
    Self: node && self && selfStatus(node, self),
    Peer: node ? Object.fromEntries(peerStatuses(node)) : {},
  };
}

const cutOff = ({ user }: SelfItem): string =>
  `${user} is suspended, so this machine reaches nobody, and nobody reaches it; ask an admin of the network`;

const ledgerStatus = ({ record: { key, alarm }, head }: LedgerGuard): LedgerStatus => ({
  Key: key ?? undefined,
  Size: head?.size,
  Root: head && toBase64(head.root),
  Alarm: alarm ? alarmStatus(alarm) : undefined,
});

const alarmStatus = ({ code, message, hint, since, over }: LedgerAlarm): LedgerAlarmStatus => ({
  ...{ Code: code, Message: message, Hint: hint },
  Since: new Date(since).toISOString(),
  Over: over === undefined ? undefined : new Date(over).toISOString(),
});

function stateOf(membership: Membership, node: Node | undefined): BackendState {
  if (!membership) return 'NeedsLogin';
  if (!node) return 'Stopped';
  const { self } = node.follower;
  if (!self) return 'Starting';
  if (self.expired) return 'NeedsLogin';
  return self.approved ? 'Running' : 'NeedsMachineAuth';
}

function uapiStatus({ plane, uapiSocket }: Node): UapiStatus | undefined {
  if (plane.carrier.host.interfaceName === undefined) return undefined;
  return { Socket: uapiSocket, PeersByHand: plane.engine.byHand.strangers };
}

function selfStatus(node: Node, self: SelfItem): SelfStatus {
  const { ports, preferences } = node.setup;
  const asked = dnsLabel(preferences().hostname ?? ports.hostname);
  const approved = self.routes.filter((route) => route.approved).map(({ prefix }) => prefix);
  return {
    ...commonStatus(self),
    PublicKey: formatNodeKey(node.setup.keys.node.publicKey),
    DiscoKey: `discokey:${toHex(node.setup.keys.disco.publicKey)}`,
    OS: ports.os,
    Addrs: node.handler.presence().endpoints,
    Online: node.handler.isConnected,
    AdvertisedRoutes: self.routes.map(({ prefix }) => prefix),
    PrimaryRoutes: approved,
    ExitNodeOption: approved.some(isExitRoute),
    KeyExpiry: instant(self.keyExpiresAt),
    Expired: self.expired,
    NameTaken: isNumbered(self.name, asked) ? asked : undefined,
  };
}

function* peerStatuses(node: Node): Generator<[key: string, status: PeerStatus]> {
  const engine = new Map(node.plane.tunnel.engine.status().peers.map((peer) => [peer.label, peer]));
  const routes = Map.groupBy(node.follower.routes(), ({ via }) => via);
  for (const peer of node.follower.peers()) {
    const routed = routes.get(peer.id)?.map(({ prefix }) => prefix) ?? [];
    const status = peerStatus(node, peer, engine.get(peer.id), routed);
    yield [status.PublicKey, status];
  }
}

function peerStatus(
  node: Node,
  peer: PeerItem,
  engine: EnginePeer<UdpPath> | undefined,
  routes: readonly string[],
): PeerStatus {
  const presence = node.plane.tunnel.reachability.presenceOf(peer.id);
  const path = engine?.connected ? engine.path : undefined;
  return {
    ...commonStatus(peer),
    OS: peer.os,
    Addrs: presence?.endpoints ?? [],
    Online: presence?.online ?? false,
    PrimaryRoutes: routes,
    AllowedIPs: engine?.allowedIps.map(formatPrefix) ?? [],
    CurAddr: path && !path.relay ? path.key : '',
    Relay: path?.relay,
    ExitNode: node.exitNode === peer.id,
    ExitNodeOption: routes.some(isExitRoute),
    LastHandshake: instant(engine?.lastHandshakeAt),
    LastSeen: instant(presence?.lastSeen || undefined),
    RxBytes: engine?.rxBytes ?? 0,
    TxBytes: engine?.txBytes ?? 0,
    PresharedKey: presharedKeyStatus(node, peer.id, engine),
    Active: engine?.connected ?? false,
  };
}

const isExitRoute = (prefix: string): boolean => prefix.endsWith('/0');

const PRESHARED = { active: 'active', agreeing: 'agreeing', idle: 'none', old: 'peer-too-old' } as const;

function presharedKeyStatus(node: Node, id: string, engine: EnginePeer<UdpPath> | undefined): PresharedKeyStatus {
  const { kind, since, problem } = node.presharedKeys.stateOf(id);
  const byHand = node.plane.tunnel.hasPresharedKey(id);
  return {
    State: byHand ? 'by-hand' : PRESHARED[kind],
    Since: byHand ? undefined : instant(since),
    InUse: engine?.presharedKey && engine.presharedKey !== 'none',
    Problem: problem?.message,
  };
}

const commonStatus = ({ id, name, dnsName, ipv4, ipv6, user, tags, labels, nodeKey }: SelfItem | PeerItem) => ({
  ID: id,
  PublicKey: formatNodeKey(Buffer.from(nodeKey, 'base64')),
  HostName: name,
  DNSName: dnsName,
  User: user,
  Tags: tags,
  Groups: labels.filter((label) => label.startsWith('group:')),
  IPs: [ipv4, ipv6],
});

const instant = (ms: number | undefined): string | undefined =>
  ms === undefined ? undefined : new Date(ms).toISOString();
