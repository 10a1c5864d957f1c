import type { Problem } from '#kernel';
import type { SignedClaim } from './claims.js';
import type { FlowReport } from './flow-report.js';
import type { Frame } from './frame.js';

/** How a node can be reached at this moment, by its own account. */
export interface PresenceReport {
  /** UDP addresses that peers may try, best first: `192.0.2.7:41641`, `[2001:db8::7]:41641`. */
  readonly endpoints: readonly string[];
  readonly os: string;
  readonly clientVersion: string;
  /** Whether the node reads letters; absent for an older one, which does not. */
  readonly takesLetters?: boolean;
}

/** What one node says to another, and only these two can read. The server passes it on at once or not at all. */
export interface Letter {
  /** Whom it is to, from an agent; whom it is from, from the server. */
  readonly nodeId: string;
  /** At most `MAX_LETTER_BYTES`. */
  readonly content: Uint8Array;
}

/** What a server passes on. */
export const MAX_LETTER_BYTES = 2048;

/** The newest that is known of one peer; it replaces what was known before. */
export interface PeerPresence {
  readonly nodeId: string;
  readonly online: boolean;
  readonly endpoints: readonly string[];
  /** Milliseconds since the Unix epoch; 0: never seen. */
  readonly lastSeen: number;
  /** Whether the node reads letters. */
  readonly takesLetters?: boolean;
}

/** What an agent sends on its stream; `hello` comes first and once. */
export type AgentMessage =
  | { readonly kind: 'hello'; readonly hello: SignedClaim }
  | Ack
  | { readonly kind: 'presence'; readonly report: PresenceReport }
  | { readonly kind: 'pong'; readonly id: number }
  | { readonly kind: 'letter'; readonly letter: Letter }
  /** Only to a server that takes them. */
  | { readonly kind: 'flows'; readonly report: FlowReport };

/** What became of a frame. */
export interface Ack {
  readonly kind: 'ack';
  readonly revision: number;
  /** Of the netmap that the agent now holds. */
  readonly digest: Uint8Array;
  /** Why the frame was not applied; absent when it was. */
  readonly problem?: Problem;
}

/** What the server sends on a stream; `challenge` comes first and once. */
export type ServerMessage =
  | Challenge
  | { readonly kind: 'frame'; readonly frame: Frame }
  | { readonly kind: 'presence'; readonly peers: readonly PeerPresence[] }
  /** `servers`: as in the challenge, when the list has changed. */
  | { readonly kind: 'ping'; readonly id: number; readonly servers?: readonly string[] }
  | { readonly kind: 'letter'; readonly letter: Letter }
  /** The node's key has grown old: it is to be replaced. */
  | { readonly kind: 'key-rotation-due' }
  | Goodbye;

/** The first message on a stream. */
export interface Challenge {
  readonly kind: 'challenge';
  readonly nonce: Uint8Array;
  /** Where else agents of this control plane may connect; absent when it is not told. */
  readonly servers?: readonly string[];
  /** Whether the server takes flow reports; absent for one that does not, as older ones. */
  readonly takesFlows?: boolean;
}

/** The last message of a stream that the server ends. */
export interface Goodbye {
  readonly kind: 'goodbye';
  /**
   * `draining`: come back. `removed`: the node is no longer part of the tailnet. `replaced`: another stream took over.
   * `behind`: this server has not seen yet what the agent knows already.
   */
  readonly reason: 'draining' | 'removed' | 'replaced' | 'behind' | 'unspecified';
  /** How long to wait before the next attempt, in milliseconds. */
  readonly retryAfter: number;
  readonly problem?: Problem;
}

/** The answer to `AgentClient.beginLogin`. */
export interface LoginBegun {
  /** Where a person says whether the machine may join. */
  readonly url: string;
  /** Secret: what to register with then. */
  readonly ticket: string;
}

/** The node that a machine has become by registering. */
export interface Registration {
  readonly nodeId: string;
  readonly tailnet: string;
  /** The DNS label. */
  readonly name: string;
  /** Without a length; IPv4 first. */
  readonly addresses: readonly string[];
  readonly status: 'active' | 'pending' | 'expired';
  readonly revision: number;
  /** The key that the tailnet's ledger is signed with; absent when the server signs none. */
  readonly ledgerKey?: string;
}
