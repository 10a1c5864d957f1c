import { z } from 'zod';
import { TAILNET_IPV4, ulaOf } from '../names/reverse-domains.js';

/** Which node of which tailnet this machine is; null before it joins and after it logs out. */
export const Membership = z
  .object({
    serverUrl: z.string(),
    /** Where its agents connect, as it said when this machine joined. */
    agentUrl: z.string(),
    nodeId: z.string(),
    tailnet: z.string(),
    /** The DNS label at the time of joining. */
    name: z.string(),
    addresses: z.array(z.string()),
    /** Where else its agents may connect, as a server said last. */
    servers: z.array(z.string()).optional(),
  })
  .nullable();
export type Membership = z.infer<typeof Membership>;

/** The prefixes that the nodes of the tailnet have their addresses in, as far as they are known. */
export function ownPrefixes(membership: Membership): readonly string[] {
  const ipv6 = membership?.addresses.find((address) => address.includes(':'));
  return ipv6 ? [TAILNET_IPV4, ulaOf(ipv6)] : [TAILNET_IPV4];
}
