import { createPublicKey, verify } from 'node:crypto';
import { NetfoldError } from '#kernel';
import { type CLAIM_DOMAIN, claimBytesToSign, type SignedClaim } from '#wire';

/** The DER of an Ed25519 public key up to its 32 bytes (RFC 8410, 4). */
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

/**
 * Whether a machine made this claim.
 * @throws NetfoldError `auth.bad_signature`
 */
export function verifyClaim(kind: keyof typeof CLAIM_DOMAIN, machineKey: Uint8Array, signed: SignedClaim): void {
  if (isSignedBy(machineKey, claimBytesToSign(kind, signed.claim), signed.signature)) return;
  throw new NetfoldError({
    code: 'auth.bad_signature',
    message: 'the claim is not signed by the machine key that it names',
    hint: 'each machine must use its own state directory; log in again if its machine key was replaced',
  });
}

function isSignedBy(machineKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  try {
    const key = createPublicKey({ key: Buffer.concat([SPKI_PREFIX, machineKey]), format: 'der', type: 'spki' });
    return verify(null, message, key, signature);
  } catch {
    return false; // not a key at all
  }
}
