import { equalBytes, NetfoldError, toHex } from '#kernel';
import { formatPrefix, type Prefix } from '#net';
import type { PeerStatus } from '../device/status.js';
import type { Engine } from '../engine.js';
import type { Path } from '../path.js';
import type { UapiHost } from './uapi-host.js';
import { parseUapiSet, type UapiPeer, type UapiSet } from './uapi-request.js';

// What the other implementations answer, as negative errno values of Linux.
const INVALID = -22;
const PROTOCOL_ERROR = -71;

/**
 * Answers one operation of the userspace API, as `wg` sends it to /var/run/wireguard/NAME.sock: `get=1`, or `set=1`
 * and settings. A `set` that cannot be read changes nothing.
 *
 * @param request the lines of one operation, without the blank line that ends it
 * @returns the answer with the blank line that ends it
 */
export function answerUapi<P extends Path>(now: number, engine: Engine<P>, host: UapiHost<P>, request: string): string {
  const [operation, ...lines] = request.split('\n').filter((line) => line !== '');
  if (operation === 'get=1' && lines.length === 0) return `${describe(engine, host)}errno=0\n\n`;
  if (operation !== 'set=1') return `errno=${PROTOCOL_ERROR}\n\n`;
  try {
    apply(now, engine, host, parseUapiSet(lines));
    return 'errno=0\n\n';
  } catch (error) {
    if (error instanceof NetfoldError) return `errno=${INVALID}\n\n`;
    throw error;
  }
}

function describe<P extends Path>(engine: Engine<P>, host: UapiHost<P>): string {
  const { privateKey, peers } = engine.configuration();
  const status = engine.status();
  const lines: [string, string | number | undefined][] = [
    ['private_key', privateKey && toHex(privateKey)],
    ['listen_port', host.listenPort() || undefined],
    ['fwmark', host.firewallMark() || undefined],
  ];
  status.peers.forEach((peer, i) => {
    lines.push(...describePeer(peer, peers[i]?.presharedKey ?? new Uint8Array(32), host));
  });
  return lines.map(([name, value]) => (value === undefined ? '' : `${name}=${value}\n`)).join('');
}

function describePeer<P extends Path>(
  peer: PeerStatus<P>,
  presharedKey: Uint8Array,
  host: UapiHost<P>,
): [string, string | number | undefined][] {
  const handshake = peer.lastHandshakeAt ?? 0;
  return [
    ['public_key', toHex(peer.publicKey)],
    ['preshared_key', toHex(presharedKey)],
    ['protocol_version', 1],
    ['endpoint', peer.path && host.formatEndpoint(peer.path)],
    ['last_handshake_time_sec', Math.floor(handshake / 1000)],
    ['last_handshake_time_nsec', (handshake % 1000) * 1_000_000],
    ['tx_bytes', peer.txBytes],
    ['rx_bytes', peer.rxBytes],
    ['persistent_keepalive_interval', peer.persistentKeepalive],
    ...peer.allowedIps.map((prefix): [string, string] => ['allowed_ip', formatPrefix(prefix)]),
  ];
}

function apply<P extends Path>(now: number, engine: Engine<P>, host: UapiHost<P>, set: UapiSet): void {
  const endpoints = set.peers.map((peer) => parseEndpoint(host, peer.endpoint));
  if (set.privateKey) engine.setPrivateKey(set.privateKey);
  if (set.listenPort !== undefined) host.setListenPort(set.listenPort);
  if (set.firewallMark !== undefined) host.setFirewallMark(set.firewallMark);
  if (set.replacePeers) for (const peer of engine.status().peers) engine.removePeer(peer.publicKey);
  set.peers.forEach((peer, i) => {
    applyPeer(now, engine, peer, endpoints[i]);
  });
}

function applyPeer<P extends Path>(now: number, engine: Engine<P>, change: UapiPeer, path: P | undefined): void {
  const { publicKey, presharedKey, persistentKeepalive } = change;
  if (change.remove) engine.removePeer(publicKey);
  if (change.remove || isOwn(engine, publicKey)) return;
  const known = engine.peerStatus(publicKey);
  if (!known && change.updateOnly) return;
  const settings = {
    ...(presharedKey && { presharedKey }),
    ...(path && { path }),
    ...(persistentKeepalive !== undefined && { persistentKeepalive }),
    allowedIps: allowedIps(known?.allowedIps ?? [], change),
  };
  if (known) engine.updatePeer(now, publicKey, settings);
  else engine.addPeer(now, { publicKey, ...settings });
}

/** `wg` may name the device itself among its peers, which is passed over in silence. */
function isOwn<P extends Path>(engine: Engine<P>, publicKey: Uint8Array): boolean {
  return engine.publicKey !== undefined && equalBytes(engine.publicKey, publicKey);
}

function allowedIps(before: readonly Prefix[], change: UapiPeer): Prefix[] {
  const kept = change.replaceAllowedIps ? [] : before;
  const removed = new Set(change.removeAllowedIps.map(formatPrefix));
  return [...kept, ...change.addAllowedIps].filter((prefix) => !removed.has(formatPrefix(prefix)));
}

function parseEndpoint<P extends Path>(host: UapiHost<P>, text: string | undefined): P | undefined {
  if (text === undefined) return undefined;
  const path = host.parseEndpoint(text);
  if (path) return path;
  throw new NetfoldError({ code: 'wireguard.uapi', message: 'An endpoint is not an address with a port' });
}
