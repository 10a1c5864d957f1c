import { z } from 'zod';
import { EXIT_ROUTES } from '#plan';
import { DEFAULT_HOST_CHOICES, type HostChoices } from '../engine/host-port.js';

/** How long what an exit node holds back is held back: an agent that is killed always leaves it as it is. */
export const KILL_SWITCHES = ['always', 'while-running'] as const;

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
  /** The id of the peer that traffic to the internet goes through; before there was a netmap, its name or address. */
  exitNode: z.string().optional(),
  /** How its person called it. */
  exitNodeName: z.string().optional(),
  /** With an exit node: whether this machine's own networks stay in reach. */
  exitNodeAllowLanAccess: z.boolean().default(false),
  /** With an exit node: whether nothing may leave past it also while no agent runs that was told to stop. */
  exitNodeKillSwitch: z.enum(KILL_SWITCHES).default('while-running'),
  /** Whether hosts behind this one see its address in place of the sender's. */
  snatSubnetRoutes: z.boolean().default(true),
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
  exitNodeAllowLanAccess: false,
  exitNodeKillSwitch: 'while-running',
  snatSubnetRoutes: true,
  userspace: false,
  tun: 'netfold0',
};

/** All that the node offers to route. */
export const advertisedRoutes = ({ advertiseRoutes, advertiseExitNode }: Preferences): string[] =>
  advertiseExitNode ? [...advertiseRoutes, ...EXIT_ROUTES] : advertiseRoutes;

/** What they ask of the host beside what the netmap says. */
export const hostChoices = ({ snatSubnetRoutes, exitNodeAllowLanAccess }: Preferences): HostChoices => ({
  ...DEFAULT_HOST_CHOICES,
  sourceNat: snatSubnetRoutes,
  lan: exitNodeAllowLanAccess,
});
