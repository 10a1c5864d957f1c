import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { fromHex, utf8 } from '#kernel';
import { type Crypto, TAG_LENGTH } from '../crypto.js';
import { kdf1, kdf2, kdf3 } from '../kdf.js';
import { NobleCrypto } from '../noble/noble-crypto.js';
import { selfTest } from '../self-test.js';

function hex(text: string): Uint8Array {
  const bytes = fromHex(text);
  if (!bytes) throw new Error(`not hexadecimal: ${text}`);
  return bytes;
}

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const key = bytes(32);
const data = fc.uint8Array({ maxLength: 300 });

/** What every provider must do: published vectors, and on any input the same as the reference. */
export function cryptoContract(name: string, crypto: Crypto): void {
  describe(name, () => {
    publishedVectors(crypto);
    sealedBoxes(crypto);
    agreementWith(new NobleCrypto(), crypto);
  });
}

function publishedVectors(crypto: Crypto): void {
  test('X25519 (RFC 7748, 5.2 and 6.1)', () => {
    const alice = hex('77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a');
    const bob = hex('5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb');
    const alicePublic = hex('8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a');
    const bobPublic = hex('de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f');
    const shared = hex('4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742');
    expect(crypto.dhPublicKey(alice)).toEqual(alicePublic);
    expect(crypto.dhPublicKey(bob)).toEqual(bobPublic);
    expect(crypto.dh(alice, bobPublic)).toEqual(shared);
    expect(crypto.dh(bob, alicePublic)).toEqual(shared);
    const scalar = hex('a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4');
    const point = hex('e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c');
    expect(crypto.dh(scalar, point)).toEqual(hex('c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552'));
    expect(crypto.dh(scalar, new Uint8Array(32))).toBeUndefined();
  });

  test('Ed25519 (RFC 8032, 7.1, test 2)', () => {
    const seed = hex('4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb');
    const publicKey = hex('3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c');
    const message = Uint8Array.of(0x72);
    const signature = hex(
      '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
    );
    expect(crypto.signPublicKey(seed)).toEqual(publicKey);
    expect(crypto.sign(seed, message)).toEqual(signature);
    expect(crypto.verify(publicKey, message, signature)).toBe(true);
    expect(crypto.verify(publicKey, Uint8Array.of(0x73), signature)).toBe(false);
    expect(crypto.verify(publicKey, message, signature.subarray(1))).toBe(false);
    expect(crypto.verify(new Uint8Array(31), message, signature)).toBe(false);
  });

  test('BLAKE2s (RFC 7693, appendix B) and SHA-256 (FIPS 180-2, B.1)', () => {
    const blake = hex('508c5e8c327c14e2e1a72ba34eeb452f37458b209ed63a294d999b4c86675982');
    expect(crypto.blake2s(utf8('abc'))).toEqual(blake);
    expect(crypto.blake2s(utf8('a'), utf8(''), utf8('bc'))).toEqual(blake);
    const sha = hex('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    expect(crypto.sha256(utf8('ab'), utf8('c'))).toEqual(sha);
  });

  test('KDF (the vectors of the WireGuard implementations)', () => {
    const name = utf8('wireguard');
    const first = hex('491d43bbfdaa8750aaf535e334ecbfe5129967cd64635101c566d4caefda96e8');
    const second = hex('1e71a379baefd8a79aa4662212fcafe19a23e2b609a3db7d6bcba8f560e3d25f');
    const third = hex('31e1ae48bddfbe5de38f295e5452b1909a1b4e38e183926af3780b0c1e1f0160');
    expect(kdf1(crypto, name, name)).toEqual(first);
    expect(kdf2(crypto, name, name)).toEqual([first, second]);
    expect(kdf3(crypto, name, name)).toEqual([first, second, third]);
  });

  test('XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03, A.3.1)', () => {
    const longKey = Uint8Array.from({ length: 32 }, (_, i) => 0x80 + i);
    const nonce = Uint8Array.from({ length: 24 }, (_, i) => 0x40 + i);
    const associated = hex('50515253c0c1c2c3c4c5c6c7');
    const text = utf8(
      "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.",
    );
    const sealed = hex(
      'bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb731c7f1b0b4aa6440bf3a82f4eda7e39ae64c6708c54c216cb96b72e1213b4522f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff921f9664c97637da9768812f615c68b13b52ec0875924c1c7987947deafd8780acf49',
    );
    expect(crypto.xseal(longKey, nonce, text, associated)).toEqual(sealed);
    expect(crypto.xopen(longKey, nonce, sealed, associated)).toEqual(text);
    expect(crypto.xopen(longKey, nonce, sealed, new Uint8Array())).toBeUndefined();
  });
}

function sealedBoxes(crypto: Crypto): void {
  test('seal and open work in place', () => {
    fc.assert(
      fc.property(key, data, fc.maxSafeNat(), (secret, plaintext, counter) => {
        const buffer = new Uint8Array(plaintext.length + TAG_LENGTH);
        buffer.set(plaintext);
        const inner = buffer.subarray(0, plaintext.length);
        const aead = crypto.aead(secret);
        aead.seal(counter, inner, buffer);
        expect(aead.open(counter, buffer, inner)).toBe(true);
        expect(inner).toEqual(plaintext);
      }),
      { numRuns: 30 },
    );
  });

  test('one flipped bit anywhere, another counter or other associated data is refused', () => {
    fc.assert(
      fc.property(key, data, data, fc.nat(), fc.nat(), (secret, plaintext, associated, counter, at) => {
        const aead = crypto.aead(secret);
        const sealed = new Uint8Array(plaintext.length + TAG_LENGTH);
        aead.seal(counter, plaintext, sealed, associated);
        const output = new Uint8Array(plaintext.length);
        expect(aead.open(counter + 1, sealed, output, associated)).toBe(false);
        expect(aead.open(counter, sealed, output, Uint8Array.of(...associated, 0))).toBe(false);
        const byte = at % sealed.length;
        sealed[byte] = (sealed[byte] as number) ^ (1 << (at % 8));
        expect(aead.open(counter, sealed, output, associated)).toBe(false);
      }),
      { numRuns: 30 },
    );
  });

  test('what is too short to hold a tag is refused', () => {
    expect(crypto.aead(new Uint8Array(32)).open(0, new Uint8Array(15), new Uint8Array())).toBe(false);
  });

  test('wipe leaves zeros, and a key array that comes to hold another key is that key', () => {
    const secret = new Uint8Array(32).fill(7);
    const before = crypto.dhPublicKey(secret);
    secret.fill(9);
    expect(crypto.dhPublicKey(secret)).not.toEqual(before);
    crypto.wipe(secret);
    expect(secret).toEqual(new Uint8Array(32));
  });
}

function agreementWith(reference: Crypto, crypto: Crypto): void {
  test('passes the self-test', () => expect(selfTest(crypto, reference)).toEqual([]));

  test('X25519 of any keys, the top bit and points outside the field included', () => {
    fc.assert(
      fc.property(key, key, (secret, point) => {
        expect(crypto.dhPublicKey(secret)).toEqual(reference.dhPublicKey(secret));
        expect(crypto.dh(secret, point)).toEqual(reference.dh(secret, point));
      }),
      { numRuns: 20, examples: [[new Uint8Array(32).fill(1), new Uint8Array(32).fill(0xff)]] },
    );
  });

  test('Ed25519 of any seed and message', () => {
    fc.assert(
      fc.property(key, data, (seed, message) => {
        const signature = crypto.sign(seed, message);
        expect(signature).toEqual(reference.sign(seed, message));
        expect(crypto.verify(reference.signPublicKey(seed), message, signature)).toBe(true);
      }),
      { numRuns: 10 },
    );
  });

  test('keys of another length agree on nothing', () => {
    const good = new Uint8Array(32).fill(9);
    for (const bad of [new Uint8Array(), good.subarray(1), new Uint8Array(33).fill(9)]) {
      expect(crypto.dh(bad, good)).toBeUndefined();
      expect(crypto.dh(good, bad)).toBeUndefined();
    }
  });

  test('hashes and MACs of long input', () => {
    const long = Uint8Array.from({ length: 5_000 }, (_, i) => i % 251);
    expect(crypto.blake2s(long, long)).toEqual(reference.blake2s(long, long));
    expect(crypto.mac(long.subarray(0, 32), long)).toEqual(reference.mac(long.subarray(0, 32), long));
    expect(crypto.mac(long.subarray(0, 7), long.subarray(0, 9))).toEqual(
      reference.mac(long.subarray(0, 7), long.subarray(0, 9)),
    );
  });

  test('hashes, MACs and sealed boxes of any input', () => {
    fc.assert(
      fc.property(key, data, data, fc.maxSafeNat(), (secret, message, other, counter) => {
        expect(crypto.blake2s(message, other)).toEqual(reference.blake2s(message, other));
        expect(crypto.sha256(message, other)).toEqual(reference.sha256(message, other));
        expect(crypto.mac(secret, message)).toEqual(reference.mac(secret, message));
        expect(crypto.hmac(secret, message, other)).toEqual(reference.hmac(secret, message, other));
        const [ours, theirs] = [crypto, reference].map((provider) => {
          const sealed = new Uint8Array(message.length + TAG_LENGTH);
          provider.aead(secret).seal(counter, message, sealed, other);
          return sealed;
        });
        expect(ours).toEqual(theirs);
      }),
      { numRuns: 50 },
    );
  });
}
