import { ROLES, type Role } from '#policy';
import { flag, listOf, number, oneOf, optional, orNull, type Shapes, text } from '../shape.js';

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
    readonly userId?: string;
    readonly description: string;
    readonly expiresAt: number | null;
  };
  ApiTokenRevoked: { readonly tokenId: string };
}

export const CREDENTIAL_EVENTS: Shapes<CredentialEvents> = {
  AuthKeyIssued: {
    keyId: text,
    secretHash: text,
    userId: optional(text),
    tags: listOf(text),
    reusable: flag,
    ephemeral: flag,
    preapproved: flag,
    expiresAt: orNull(number),
    description: text,
  },
  AuthKeyRevoked: { keyId: text },
  ApiTokenIssued: {
    tokenId: text,
    secretHash: text,
    role: oneOf(...ROLES),
    userId: optional(text),
    description: text,
    expiresAt: orNull(number),
  },
  ApiTokenRevoked: { tokenId: text },
};
