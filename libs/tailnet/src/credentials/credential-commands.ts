import type { Role } from '#policy';

export interface CredentialCommands {
  IssueAuthKey: {
    readonly keyId: string;
    /** Base64 of the SHA-256 of the secret; the secret itself never enters the domain. */
    readonly secretHash: string;
    /** Who will own the nodes; the acting user when absent. Not together with tags. */
    readonly userId?: string;
    /** With their prefix: `tag:web`. */
    readonly tags: readonly string[];
    readonly reusable: boolean;
    readonly ephemeral: boolean;
    readonly preapproved: boolean;
    /** Milliseconds since the Unix epoch; null: never. */
    readonly expiresAt: number | null;
    readonly description: string;
  };
  RevokeAuthKey: { readonly keyId: string };
  IssueApiToken: {
    readonly tokenId: string;
    readonly secretHash: string;
    readonly role: Role;
    /** The person whom the token acts for; nobody's when absent. */
    readonly userId?: string;
    readonly description: string;
    readonly expiresAt: number | null;
  };
  RevokeApiToken: { readonly tokenId: string };
}
