import { toBase64 } from '#kernel';
import { formatPrefix } from '#net';
import { KEEPALIVE_SECONDS } from '../engine/tunnel.js';
import type { Node } from '../node/node.js';

/**
 * The configuration that the engine works with, as `wg showconf` would write it (wg(8), "Configuration file format").
 * @param secrets whether private keys are part of it
 */
export function wgconf(node: Node, secrets: boolean): string {
  const { tunnel } = node.plane;
  const { peers } = tunnel.engine.status();
  const lines = ['[Interface]', `ListenPort = ${tunnel.path.localPort}`];
  if (secrets) lines.push(`PrivateKey = ${toBase64(node.setup.keys.node.privateKey)}`);
  for (const peer of peers) {
    lines.push('', `# ${node.describe(peer.label).name}`, '[Peer]', `PublicKey = ${toBase64(peer.publicKey)}`);
    lines.push(`AllowedIPs = ${peer.allowedIps.map(formatPrefix).join(', ')}`);
    if (peer.path) lines.push(`Endpoint = ${peer.path.key}`);
    lines.push(`PersistentKeepalive = ${KEEPALIVE_SECONDS}`);
  }
  return `${lines.join('\n')}\n`;
}
