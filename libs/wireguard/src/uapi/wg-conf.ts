import { equalBytes, toBase64 } from '#kernel';
import { formatPrefix } from '#net';
import { NO_PRESHARED_KEY } from '../constants.js';
import type { EngineConfiguration } from '../device/configuration.js';
import type { PeerConfig } from '../device/peer-config.js';
import type { Path } from '../path.js';

export interface WgConfOptions<P extends Path> {
  /** UDP port; left out when undefined. */
  readonly listenPort?: number;
  /** Of what is sent to peers (SO_MARK); left out when undefined or 0, which is none. */
  readonly firewallMark?: number | undefined;
  /** `host:port` for a path that is a UDP address; undefined for others, which wg-quick knows nothing of. */
  readonly formatEndpoint: (path: P) => string | undefined;
  /** Says `(hidden)`, as wg(8) does, where there is a private or a pre-shared key. */
  readonly hideKeys?: boolean;
  /** A line above the section of a peer, such as its name. */
  readonly comment?: (peer: PeerConfig<P>) => string | undefined;
}

/** The configuration as `wg showconf` prints it and `wg setconf` reads it (wg(8), "CONFIGURATION FILE FORMAT"). */
export function formatWgConf<P extends Path>(
  { privateKey, peers }: EngineConfiguration<P>,
  { listenPort, firewallMark, formatEndpoint, hideKeys = false, comment }: WgConfOptions<P>,
): string {
  const secret = (key: Uint8Array) => (hideKeys ? '(hidden)' : toBase64(key));
  const device = section('Interface', [
    ['ListenPort', listenPort],
    ['FwMark', firewallMark ? `0x${firewallMark.toString(16)}` : undefined],
    ['PrivateKey', privateKey && secret(privateKey)],
  ]);
  const sections = peers.map((peer) => {
    const line = comment?.(peer)?.replace(/\s+/g, ' ');
    return `${line === undefined ? '' : `# ${line}\n`}${peerSection(peer, formatEndpoint, secret)}`;
  });
  return [device, ...sections].join('\n');
}

function peerSection<P extends Path>(
  peer: PeerConfig<P>,
  formatEndpoint: WgConfOptions<P>['formatEndpoint'],
  secret: (key: Uint8Array) => string,
): string {
  const { presharedKey, path, persistentKeepalive } = peer;
  const shared = presharedKey && !equalBytes(presharedKey, NO_PRESHARED_KEY) ? secret(presharedKey) : undefined;
  return section('Peer', [
    ['PublicKey', toBase64(peer.publicKey)],
    ['PresharedKey', shared],
    ['AllowedIPs', peer.allowedIps.map(formatPrefix).join(', ') || undefined],
    ['Endpoint', path && formatEndpoint(path)],
    ['PersistentKeepalive', persistentKeepalive || undefined],
  ]);
}

function section(name: string, settings: readonly (readonly [string, string | number | undefined])[]): string {
  const lines = settings.filter(([, value]) => value !== undefined).map(([key, value]) => `${key} = ${value}\n`);
  return `[${name}]\n${lines.join('')}`;
}
