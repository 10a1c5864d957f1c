import { z } from 'zod';

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
  })
  .nullable();
export type Membership = z.infer<typeof Membership>;
