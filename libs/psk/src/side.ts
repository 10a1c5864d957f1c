import type { ReceivedLetter } from './letter.js';
import type { PairKeys } from './pair-keys.js';
import type { PairRecord } from './pair-record.js';

/** What both sides of a pair have in common. */
export interface SideState {
  record(): PairRecord;
  change(record: PairRecord): void;
  send(letter: Uint8Array): void;
  /** The peer surely answers with `record.key`, and so does this side. */
  agreed(): void;
}

/** One of the two roles in an agreement. */
export interface Side {
  /** How often the present letter was sent. */
  readonly attempts: number;
  /** When `tick` has something to do; Infinity while nothing is due. */
  nextTimer(): number;
  /** Another key is wanted. */
  begin(now: number, keys: PairKeys): void;
  /** The peer can be reached again. */
  hurry(now: number): void;
  /** The node keys are others. */
  forget(): void;
  tick(now: number, keys: PairKeys): void;
  /** @returns false when the letter was not written by the peer, or not so */
  receive(now: number, keys: PairKeys, letter: ReceivedLetter): boolean;
}
