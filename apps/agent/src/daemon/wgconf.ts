import { formatWgConf } from '#wireguard';
import { parsePath } from '../engine/udp-path.js';
import type { Node } from '../node/node.js';

/**
 * The configuration that the engine works with, as `wg showconf` would write it and `wg setconf` reads it (wg(8),
 * "CONFIGURATION FILE FORMAT").
 * @param secrets whether the private key and the pre-shared ones are shown, which `wg setconf` needs
 */
export function wgconf(node: Node, secrets: boolean): string {
  const { engine, path } = node.plane.tunnel;
  const { byHand } = node.plane.engine;
  return formatWgConf(engine.configuration(), {
    hideKeys: !secrets,
    listenPort: path.localPort,
    formatEndpoint: ({ key }) => parsePath(key) && key,
    comment: ({ publicKey, label }) => (byHand.has(publicKey) ? 'added by hand' : label && node.describe(label).name),
  });
}
