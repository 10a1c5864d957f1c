import type { LedgerEvent } from '#event-store';

// What everybody saw during a run, as plain values: the checker needs nothing else. All times are milliseconds since the
// Unix epoch by the one clock of the machine that the run is on; the skewed clocks of replicas stand in none of them.

/** What one try came to, as far as who tried knows. */
export type TryResult = 'done' | 'refused' | 'unknown';

export interface Try {
  /** Of the replicas, by number. */
  readonly replica: number;
  readonly sentAt: number;
  readonly endedAt: number;
  readonly result: TryResult;
  /** Of the problem, when there was one. */
  readonly code?: string;
  /** That was answered, when it was done. */
  readonly revision?: number;
}

/** Something that an admin wanted done, under one idempotency key. */
export interface Order {
  /** What the ids of its events' command begin with. */
  readonly commandId: string;
  /** In a few words, for people. */
  readonly what: string;
  /** The event that says that it was done. */
  readonly event: string;
  /** Whether it must leave that event when it was done, or may have been so already. */
  readonly leaves: boolean;
  /** A text in that event that no other order's has; empty when there is none. */
  readonly mark: string;
  /** The node that it removes. */
  readonly removes?: string;
  readonly tries: readonly Try[];
  /** What was answered at last, when it was done. */
  readonly answer?: OrderAnswer;
}

export interface OrderAnswer {
  readonly revision: number;
  /** Of the events that the order caused at the try that was answered. */
  readonly eventIds: readonly string[];
}

/** What a replica showed when it was asked. */
export interface Read {
  readonly replica: number;
  readonly askedAt: number;
  readonly answeredAt: number;
  /** It was to be no older than this. */
  readonly minRevision: number;
  /** It says that it is of this revision. */
  readonly revision: number;
  /** The names of all nodes, sorted, when these were asked for. */
  readonly nodeNames?: readonly string[];
  /** The policy, when that was asked for. */
  readonly policy?: string;
}

/** A replica said that what an event did is in force everywhere. */
export interface Claim {
  readonly replica: number;
  readonly revision: number;
  readonly saidAt: number;
}

/** A frame that an agent applied, before it acknowledged it. */
export interface Applied {
  readonly at: number;
  readonly replica: number;
  readonly revision: number;
  /** Hexadecimal, of the netmap that it holds then, worked out by itself. */
  readonly digest: string;
  readonly snapshot: boolean;
  /** The first frame of a stream that began with something to resume from. */
  readonly resumed: boolean;
  /** The ids of the peers that came, or are all there are in a snapshot, and of those that went. */
  readonly gained: readonly string[];
  readonly lost: readonly string[];
}

export interface AgentHistory {
  readonly nodeId: string;
  readonly name: string;
  readonly applied: readonly Applied[];
  /** What it refused to apply, and what it raised an alarm about: `code: message`. */
  readonly refused: readonly string[];
  /** Whether it was a member at the end. */
  readonly member: boolean;
}

export interface History {
  readonly orders: readonly Order[];
  readonly reads: readonly Read[];
  readonly claims: readonly Claim[];
  readonly agents: readonly AgentHistory[];
  /** All of it as it is kept, read from the store itself after everything was healed. */
  readonly sealed: readonly LedgerEvent[];
  /** Why there is more in the store that cannot be read, if so. */
  readonly damage: string | undefined;
  /** The same as the replicas show it, with the names of people. */
  readonly ledger: readonly LedgerEvent[];
}

/** A law that was broken, and where. */
export interface Violation {
  readonly law: string;
  readonly what: string;
}

/** When the answer to an order came; undefined when none did. */
export const answeredAt = ({ tries, answer }: Order): number | undefined => answer && tries.at(-1)?.endedAt;

/** Whether every try of an order was refused: then it must not have been done. */
export const wasRefused = ({ tries }: Order): boolean => tries.every(({ result }) => result === 'refused');
