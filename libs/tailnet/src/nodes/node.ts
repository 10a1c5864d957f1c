import type { Map as PersistentMap } from 'immutable';
import type { Route } from '../routes/route.js';

/** A machine in the tailnet. It keeps its id, name and addresses for as long as it is a member. */
export interface Node {
  readonly id: string;
  /** Base64 of the 32 bytes of the X25519 key that says which machine it is. */
  readonly machineKey: string;
  /** Base64 of the 32 bytes of its WireGuard public key. */
  readonly nodeKey: string;
  /** Since when it has that key, or has shown again that it has it, in milliseconds since the Unix epoch. */
  readonly keySince: number;
  /** A DNS label, unique in the tailnet. */
  readonly name: string;
  /** Whether a person chose the name, so that it does not follow the hostname any more. */
  readonly namePinned: boolean;
  /** As the machine reported it. */
  readonly hostname: string;
  readonly os: string;
  /** Its owner; undefined for tagged nodes, which belong to no one. */
  readonly userId?: string | undefined;
  /** Sorted. */
  readonly tags: readonly string[];
  readonly ipv4: string;
  readonly ipv6: string;
  /** What it last logged in with, when that was an auth key. */
  readonly authKeyId?: string | undefined;
  /** Whether it is to be removed once it has gone offline. */
  readonly ephemeral: boolean;
  readonly approved: boolean;
  /** Milliseconds since the Unix epoch; null: never. */
  readonly keyExpiresAt: number | null;
  /** Whether its key has expired: it must log in again before it may talk to anyone. */
  readonly expired: boolean;
  /** By prefix in its canonical text. Exit nodes serve `0.0.0.0/0` and `::/0`. */
  readonly routes: PersistentMap<string, Route>;
  readonly joinedAt: number;
}
