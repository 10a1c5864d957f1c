import { equalBytes, NetfoldError, toHex } from '#kernel';
import { formatPrefix, type Prefix } from '#net';
import { NO_PRESHARED_KEY } from '../constants.js';
import type { PeerStatus } from '../device/status.js';
import type { Path } from '../path.js';
import type { UapiDevice } from './uapi-device.js';
import { errnoOf, UAPI_ERRNO } from './uapi-errno.js';
import type { UapiHost } from './uapi-host.js';
import { parseUapiSet, type UapiPeer, type UapiSet } from './uapi-request.js';

/**
 * Answers one operation of the userspace API, as `wg` sends it to /var/run/wireguard/NAME.sock: `get=1`, or `set=1`
 * and settings. A `set` that cannot be read changes nothing. Whatever fails, the answer is an errno.
 *
 * @param request the lines of one operation, without the blank line that ends it
 * @returns the answer with the blank line that ends it
 */
export function answerUapi<P extends Path>(
  now: number,
  device: UapiDevice<P>,
  host: UapiHost<P>,
  request: string,
): string {
  const [operation, ...lines] = request.split('\n').filter((line) => line !== '');
  try {
    if (operation === 'get=1' && lines.length === 0) return `${describe(device, host)}${ending(UAPI_ERRNO.ok)}`;
    if (operation !== 'set=1') return ending(UAPI_ERRNO.protocol);
    apply(now, device, host, parseUapiSet(lines));
    return ending(UAPI_ERRNO.ok);
  } catch (error) {
    host.failed?.(error);
    return ending(error instanceof NetfoldError ? errnoOf(error) : UAPI_ERRNO.io);
  }
}

const ending = (errno: number): string => `errno=${errno}\n\n`;

function describe<P extends Path>(device: UapiDevice<P>, host: UapiHost<P>): string {
  const { privateKey, peers } = device.configuration();
  const status = device.status();
  const lines: [string, string | number | undefined][] = [
    ['private_key', privateKey && toHex(privateKey)],
    ['listen_port', host.listenPort() || undefined],
    ['fwmark', host.firewallMark() || undefined],
  ];
  // Each may come from another thread, at another moment.
  const presharedKeys = new Map(peers.map((peer) => [toHex(peer.publicKey), peer.presharedKey]));
  for (const peer of status.peers) {
    lines.push(...describePeer(peer, presharedKeys.get(toHex(peer.publicKey)) ?? NO_PRESHARED_KEY, host));
  }
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

function apply<P extends Path>(now: number, device: UapiDevice<P>, host: UapiHost<P>, set: UapiSet): void {
  const endpoints = set.peers.map((peer) => parseEndpoint(host, peer.endpoint));
  if (set.privateKey) device.setPrivateKey(set.privateKey);
  if (set.listenPort !== undefined) host.setListenPort(set.listenPort);
  if (set.firewallMark !== undefined) host.setFirewallMark(set.firewallMark);
  if (set.replacePeers) for (const peer of device.status().peers) device.removePeer(peer.publicKey);
  set.peers.forEach((peer, i) => {
    applyPeer(now, device, peer, endpoints[i]);
  });
}

function applyPeer<P extends Path>(now: number, device: UapiDevice<P>, change: UapiPeer, path: P | undefined): void {
  const { publicKey, presharedKey, persistentKeepalive } = change;
  if (change.remove) device.removePeer(publicKey);
  if (change.remove || isOwn(device, publicKey)) return;
  const known = device.peerStatus(publicKey);
  if (!known && change.updateOnly) return;
  const settings = {
    ...(presharedKey && { presharedKey }),
    ...(path && { path }),
    ...(persistentKeepalive !== undefined && { persistentKeepalive }),
    allowedIps: allowedIps(known?.allowedIps ?? [], change),
  };
  if (known) device.updatePeer(now, publicKey, settings);
  else device.addPeer(now, { publicKey, ...settings });
}

/** `wg` may name the device itself among its peers, which is passed over in silence. */
function isOwn<P extends Path>(device: UapiDevice<P>, publicKey: Uint8Array): boolean {
  return device.publicKey !== undefined && equalBytes(device.publicKey, publicKey);
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
