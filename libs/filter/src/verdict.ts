/** Why a packet was let in, or was not. */
export type Reason =
  /** A rule permits it. */
  | 'rule'
  /** It belongs to a flow that this node began, or is an error about a packet that this node sent. */
  | 'reply'
  /** A later fragment of a packet that was let in. */
  | 'fragment'
  /** Nothing permits it. */
  | 'denied'
  /** It belongs to a flow that was permitted, until the rules changed. */
  | 'revoked'
  | 'unknown-peer'
  /** Its source is an address of this node, or no unicast address. */
  | 'spoofed'
  /** Its headers contradict themselves or end early. */
  | 'malformed'
  /** Headers that are harmless nowhere in a mesh: source routes, redirects, router and neighbour discovery. */
  | 'forbidden'
  /** A fragment of a packet whose beginning was not let in, or was not seen. */
  | 'stray-fragment';

export interface Verdict {
  readonly allowed: boolean;
  readonly reason: Reason;
  /** The id of a rule that permits it, for the reason `rule`. */
  readonly rule?: string;
}

const make = (reason: Exclude<Reason, 'rule'>): Verdict =>
  Object.freeze({ allowed: reason === 'reply' || reason === 'fragment', reason });

// Made once: the packet path allocates nothing.
export const VERDICT = {
  reply: make('reply'),
  fragment: make('fragment'),
  denied: make('denied'),
  revoked: make('revoked'),
  unknownPeer: make('unknown-peer'),
  spoofed: make('spoofed'),
  malformed: make('malformed'),
  forbidden: make('forbidden'),
  strayFragment: make('stray-fragment'),
} as const;

export const permittedBy = (rule: string): Verdict => Object.freeze({ allowed: true, reason: 'rule', rule });
