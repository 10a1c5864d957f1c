import { z } from 'zod';

/** What its person wants of this node; kept across restarts. */
export const Preferences = z.object({
  /** Whether the node is to be up. */
  up: z.boolean(),
  serverUrl: z.string().optional(),
  hostname: z.string().optional(),
  /** Canonical prefixes; the exit routes are not among them. */
  advertiseRoutes: z.array(z.string()),
  advertiseTags: z.array(z.string()),
  advertiseExitNode: z.boolean(),
  acceptRoutes: z.boolean(),
  /** Whether this machine finds names as the tailnet says. */
  acceptDns: z.boolean().default(true),
  /** The name or address of the peer that traffic to the internet goes through. */
  exitNode: z.string().optional(),
  /** Without an interface of the host. */
  userspace: z.boolean(),
  /** The name of the interface. */
  tun: z.string(),
  /** The UDP port of the last time: peers may still know it. */
  udpPort: z.int().optional(),
});
export type Preferences = z.infer<typeof Preferences>;

export const DEFAULT_PREFERENCES: Preferences = {
  up: false,
  advertiseRoutes: [],
  advertiseTags: [],
  advertiseExitNode: false,
  acceptRoutes: false,
  acceptDns: true,
  userspace: false,
  tun: 'netfold0',
};

/** Exit nodes offer the whole of both address families. */
const EXIT_ROUTES = ['0.0.0.0/0', '::/0'];

/** All that the node offers to route. */
export const advertisedRoutes = ({ advertiseRoutes, advertiseExitNode }: Preferences): string[] =>
  advertiseExitNode ? [...advertiseRoutes, ...EXIT_ROUTES] : advertiseRoutes;
