import { z } from 'zod';
import { KILL_SWITCHES } from '../state/preferences.js';

/** `POST /up`: what to run with. A setting that is absent keeps its value from the last time. */
export const UpRequest = z.strictObject({
  serverUrl: z.string().optional(),
  authKey: z.string().optional(),
  /** What `POST /login` gave: joins when a person has said yes, and fails with `auth.login_pending` until then. */
  loginTicket: z.string().optional(),
  /** The key that the tailnet's ledger must be signed with. */
  ledgerKey: z.string().optional(),
  hostname: z.string().optional(),
  advertiseRoutes: z.array(z.string()).optional(),
  advertiseTags: z.array(z.string()).optional(),
  advertiseExitNode: z.boolean().optional(),
  acceptRoutes: z.boolean().optional(),
  acceptDns: z.boolean().optional(),
  exitNode: z.string().optional(),
  exitNodeAllowLanAccess: z.boolean().optional(),
  exitNodeKillSwitch: z.enum(KILL_SWITCHES).optional(),
  snatSubnetRoutes: z.boolean().optional(),
  userspace: z.boolean().optional(),
  tun: z.string().optional(),
});
export type UpRequest = z.infer<typeof UpRequest>;

/** `POST /set`: the same, for what can change while the node runs. */
export const SetRequest = UpRequest.pick({
  hostname: true,
  advertiseRoutes: true,
  advertiseExitNode: true,
  acceptRoutes: true,
  acceptDns: true,
  exitNode: true,
  exitNodeAllowLanAccess: true,
  exitNodeKillSwitch: true,
  snatSubnetRoutes: true,
});
export type SetRequest = z.infer<typeof SetRequest>;

export interface SetAnswer {
  /** What a person should know of the routes that the machine now serves and uses, in sentences. */
  readonly Health: readonly string[];
}

/** `POST /ledger/accept`: what the control plane shows from now on is right. */
export const AcceptLedgerRequest = z.strictObject({
  /** The key that it must be signed with, when that is another one. */
  key: z.string().optional(),
});
export type AcceptLedgerRequest = z.infer<typeof AcceptLedgerRequest>;

/** `POST /ping`: a name or an address in the tailnet; times in milliseconds. Answers `PingReply` lines. */
export const PingRequest = z.strictObject({
  target: z.string().min(1),
  /** 0: until the caller hangs up. */
  count: z.int().min(0).default(1),
  interval: z.number().min(1).default(1000),
  timeout: z.number().min(1).default(5000),
});
export type PingRequest = z.input<typeof PingRequest>;

/** One line of the answer to `POST /ping`, in the order of their sequence numbers. */
export interface PingReply {
  readonly sequence: number;
  /** The address. */
  readonly target: string;
  /** Milliseconds since the Unix epoch. */
  readonly sentAt: number;
  /** The name of the node that has the address, or that routes to it; absent when there is none any more. */
  readonly via?: string;
  /** Milliseconds; absent when no answer came in time. */
  readonly rtt?: number;
  /** The UDP endpoint of the peer that the packet left for, when one is known. */
  readonly endpoint?: string;
  /** Who carries packets to the peer, when they do not go to an endpoint of its own. */
  readonly relay?: string;
}

/** `POST /rotate-preshared-key`: with whom, by name or address. Answers `PresharedKeyRotation`. */
export const RotatePresharedKeyRequest = z.strictObject({ peer: z.string().min(1) });
export type RotatePresharedKeyRequest = z.infer<typeof RotatePresharedKeyRequest>;

export interface PresharedKeyRotation {
  /** The name of the peer, with whom another key is being agreed on. */
  readonly peer: string;
}

/** `POST /rotate-key` answers this. */
export interface KeyRotation {
  readonly revision: number;
  /** `nodekey:` and 64 hexadecimal digits. */
  readonly publicKey: string;
}
