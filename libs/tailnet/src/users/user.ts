import type { Role } from '#policy';

export interface User {
  readonly id: string;
  /** The name that policies use, in lower case: `alice@example.com`. */
  readonly login: string;
  readonly displayName: string;
  readonly role: Role;
  readonly suspended: boolean;
  /** Milliseconds since the Unix epoch. */
  readonly joinedAt: number;
}
