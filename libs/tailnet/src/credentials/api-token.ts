import type { Role } from '#policy';

/** Lets a program act with a role of its own. */
export interface ApiToken {
  readonly id: string;
  /** Base64 of the SHA-256 of the secret. */
  readonly secretHash: string;
  readonly role: Role;
  /** The person whom it acts for: it works as long as that user may act, and never beyond what that user may do. */
  readonly userId?: string | undefined;
  readonly description: string;
  /** Milliseconds since the Unix epoch; null: never. */
  readonly expiresAt: number | null;
  readonly revoked: boolean;
  readonly issuedAt: number;
}
