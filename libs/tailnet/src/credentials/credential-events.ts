import type { Role } from '#policy';

export interface CredentialEvents {
  AuthKeyIssued: {
    readonly keyId: string;
    readonly secretHash: string;
    readonly userId?: string;
    readonly tags: readonly string[];
    readonly reusable: boolean;
    readonly ephemeral: boolean;
    readonly preapproved: boolean;
    readonly expiresAt: number | null;
    readonly description: string;
  };
  AuthKeyRevoked: { readonly keyId: string };
  ApiTokenIssued: {
    readonly tokenId: string;
    readonly secretHash: string;
    readonly role: Role;
    readonly description: string;
    readonly expiresAt: number | null;
  };
  ApiTokenRevoked: { readonly tokenId: string };
}
