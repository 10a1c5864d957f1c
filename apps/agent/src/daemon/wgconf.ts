import { formatWgConf } from '#wireguard';
import { parsePath } from '../engine/udp-path.js';
import type { Node } from '../node/node.js';

const HIDDEN = '# The keys are hidden: for a file that `wg setconf` takes, use netfold debug wgconf --show-keys\n';

/**
 * The configuration that the engine works with, as `wg showconf` would write it and `wg setconf` reads it (wg(8),
 * "CONFIGURATION FILE FORMAT").
 * @param secrets whether the private key and the pre-shared ones are shown, which `wg setconf` needs
 */
export function wgconf(node: Node, secrets: boolean): string {
  const { engine, path } = node.plane.tunnel;
  const { byHand, mark } = node.plane.engine;
  const hasInterface = node.plane.carrier.host.interfaceName !== undefined;
  const text = formatWgConf(engine.configuration(), {
    hideKeys: !secrets,
    listenPort: path.localPort,
    firewallMark: hasInterface ? mark : undefined,
    formatEndpoint: ({ key }) => parsePath(key) && key,
    comment: ({ publicKey, label }) => (byHand.has(publicKey) ? 'added by hand' : label && node.describe(label).name),
  });
  return secrets ? text : HIDDEN + text;
}
