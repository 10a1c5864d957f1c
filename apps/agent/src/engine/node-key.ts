import { fromBase64, NetfoldError } from '#kernel';

/** The bytes of a WireGuard public key as the netmap writes it. @throws NetfoldError `agent.bad_node_key` */
export function keyOf(nodeKey: string): Uint8Array {
  const key = fromBase64(nodeKey);
  if (key?.length === 32) return key;
  throw new NetfoldError({ code: 'agent.bad_node_key', message: `${JSON.stringify(nodeKey)} is no WireGuard key` });
}
