/** Lets machines join without a person at the keyboard. */
export interface AuthKey {
  readonly id: string;
  /** Base64 of the SHA-256 of the secret. */
  readonly secretHash: string;
  /** Who owns the nodes that join with it; undefined for a tagged key. */
  readonly userId?: string | undefined;
  readonly tags: readonly string[];
  readonly reusable: boolean;
  readonly ephemeral: boolean;
  /** Whether nodes that join with it need no approval. */
  readonly preapproved: boolean;
  /** Milliseconds since the Unix epoch; null: never. */
  readonly expiresAt: number | null;
  readonly description: string;
  readonly revoked: boolean;
  /** How many times nodes have joined or logged in again with it. */
  readonly uses: number;
  readonly issuedAt: number;
}
