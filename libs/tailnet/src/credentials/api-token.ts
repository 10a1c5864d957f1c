import type { Role } from '#policy';

/** Lets a program act with a role of its own. */
export interface ApiToken {
  readonly id: string;
  /** Base64 of the SHA-256 of the secret. */
  readonly secretHash: string;
  readonly role: Role;
  readonly description: string;
  /** Milliseconds since the Unix epoch; null: never. */
  readonly expiresAt: number | null;
  readonly revoked: boolean;
  readonly issuedAt: number;
}
