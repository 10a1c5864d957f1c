import type { JsonObject } from '#kernel';

/** Who caused an event. */
export interface Actor {
  readonly kind: 'user' | 'token' | 'node' | 'system';
  readonly id: string;
  /** What people call the actor; it may change later, the event keeps what it was. */
  readonly name?: string;
  /** Where the command came from, for the audit log: an address. */
  readonly from?: string;
  /** The program that it came through, as it calls itself: `cli`, `console`. */
  readonly via?: string;
}

/** An event that a decision produced and that no stream holds yet; `seal` makes a `LedgerEvent` of it. */
export interface EventDraft {
  readonly stream: string;
  /** Past tense and intent: `RouteApproved`. */
  readonly type: string;
  /** The version of the shape of `data`, from 1. */
  readonly version: number;
  readonly actor: Actor;
  /** The command that caused the event; the event's id is derived from it. */
  readonly commandId: string;
  /** Names the whole conversation that the event belongs to. */
  readonly correlation?: string;
  /** The id of the event that made a reactor send the command. */
  readonly causation?: string;
  /** Why, in the words of whoever caused it. */
  readonly reason?: string;
  readonly data: JsonObject;
}

/** A sealed event: its place in its stream and its hash are fixed. Every store keeps it verbatim. */
export interface LedgerEvent extends EventDraft {
  /** UUID, see `eventId`. */
  readonly id: string;
  /** Place in the stream, from 0. */
  readonly revision: number;
  /** Milliseconds since the Unix epoch. */
  readonly recordedAt: number;
  /** Lower-case hexadecimal SHA-256, see `eventHash`. */
  readonly hash: string;
}

export interface StoredEvent extends LedgerEvent {
  /**
   * Place among all events of one store: strictly increasing, not gapless, and different in another store,
   * so the hash does not cover it.
   */
  readonly position: number;
}

/** The end of a stream: the revision and the hash of its last event. */
export interface Head {
  readonly revision: number;
  readonly hash: string;
}

/** The head of a stream without events. Its hash, the one that the first event is chained to, is 32 zero bytes. */
export const EMPTY_HEAD: Head = { revision: -1, hash: '0'.repeat(64) };
