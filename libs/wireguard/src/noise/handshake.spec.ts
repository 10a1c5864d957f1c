import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Crypto, type KeyPair, NobleCrypto } from '#crypto';
import { NativeCrypto } from '#crypto/native';
import { seededRandom } from '#crypto/testing';
import type { Random } from '#kernel';
import { CookieJar } from '../cookie/cookie-jar.js';
import { INITIATION, RESPONSE } from '../messages.js';
import { paperHandshake, type Script } from '../testing/paper-handshake.js';
import { consumeResponse, createInitiation } from './initiator.js';
import { createResponse, readInitiator, readTimestamp } from './responder.js';

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const index = fc.nat(0xffff_ffff);
const script: fc.Arbitrary<Script> = fc.record({
  initiatorStatic: bytes(32),
  initiatorEphemeral: bytes(32),
  initiatorIndex: index,
  responderStatic: bytes(32),
  responderEphemeral: bytes(32),
  responderIndex: index,
  presharedKey: bytes(32),
  timestamp: bytes(12),
});

function scriptOf(seed: number): Script {
  const random = seededRandom(seed);
  const key = () => random.bytes(32);
  return {
    ...{ initiatorStatic: key(), initiatorEphemeral: key(), initiatorIndex: seed },
    ...{ responderStatic: key(), responderEphemeral: key(), responderIndex: seed + 1 },
    ...{ presharedKey: key(), timestamp: random.bytes(12) },
  };
}

const fixed = (value: Uint8Array): Random => ({ bytes: () => value });

const keyPair = (crypto: Crypto, privateKey: Uint8Array): KeyPair => ({
  privateKey,
  publicKey: crypto.dhPublicKey(privateKey),
});

/** The engine's two halves of a handshake, with everything that is random taken from the script. */
function run(crypto: Crypto, s: Script) {
  const initiator = keyPair(crypto, s.initiatorStatic);
  const responder = keyPair(crypto, s.responderStatic);
  const opening = {
    localStatic: initiator,
    remoteStatic: responder.publicKey,
    localIndex: s.initiatorIndex,
    timestamp: s.timestamp,
  };
  const first = createInitiation(crypto, fixed(s.initiatorEphemeral), opening);
  if (!first) throw new Error('no initiation');
  new CookieJar(crypto, responder.publicKey).stamp(0, first.message, INITIATION);

  const claimed = readInitiator(crypto, responder, first.message);
  if (!claimed) throw new Error('initiation not read');
  const timestamp = readTimestamp(crypto, claimed, first.message);
  const ephemeral = Uint8Array.from(s.responderEphemeral);
  const second = createResponse(crypto, fixed(ephemeral), claimed, s.presharedKey, s.responderIndex);
  if (!second) throw new Error('no response');
  new CookieJar(crypto, initiator.publicKey).stamp(0, second.message, RESPONSE);
  const keys = consumeResponse(crypto, first.pending, [s.presharedKey], second.message);
  return { initiator, responder, first, second, claimed, timestamp, keys };
}

describe.each([new NativeCrypto(), new NobleCrypto()])('the handshake with $name', (crypto) => {
  test('is the one of the paper, byte by byte', () => {
    fc.assert(
      fc.property(script, (s) => {
        const paper = paperHandshake(s);
        const ours = run(crypto, s);
        expect(ours.first.message).toEqual(paper.initiation);
        expect(ours.claimed.remoteStatic).toEqual(ours.initiator.publicKey);
        expect(ours.timestamp).toEqual(s.timestamp);
        expect(ours.second.message).toEqual(paper.response);
        const [send, receive] = paper.keys;
        expect(ours.keys).toEqual({
          sendKey: send,
          receiveKey: receive,
          localIndex: s.initiatorIndex,
          remoteIndex: s.responderIndex,
          presharedKey: 'own',
        });
        expect(ours.second.keys).toEqual({
          sendKey: receive,
          receiveKey: send,
          localIndex: s.responderIndex,
          remoteIndex: s.initiatorIndex,
          presharedKey: 'own',
        });
      }),
      { numRuns: crypto.name === 'native' ? 50 : 3 },
    );
  });
});

describe('a handshake', () => {
  const crypto = new NativeCrypto();
  const flip = (message: Uint8Array, at: number): Uint8Array => {
    const copy = Uint8Array.from(message);
    copy[at] = (copy[at] as number) ^ 1;
    return copy;
  };

  test('a response that was tampered with is not consumed, and does not spoil the true one', () => {
    fc.assert(
      fc.property(script, fc.nat(RESPONSE.mac1 - RESPONSE.ephemeral - 1), (s, at) => {
        const { first, second } = run(crypto, s);
        const forged = flip(second.message, RESPONSE.ephemeral + at);
        expect(consumeResponse(crypto, first.pending, [s.presharedKey], forged)).toBeUndefined();
        expect(consumeResponse(crypto, first.pending, [s.presharedKey], second.message)).toBeDefined();
      }),
      { numRuns: 30 },
    );
  });

  test('an initiation that was tampered with is not read', () => {
    fc.assert(
      fc.property(script, fc.nat(INITIATION.mac1 - INITIATION.ephemeral - 1), (s, at) => {
        const { first, responder } = run(crypto, s);
        const forged = flip(first.message, INITIATION.ephemeral + at);
        const claimed = readInitiator(crypto, responder, forged);
        expect(claimed && readTimestamp(crypto, claimed, forged)).toBeUndefined();
      }),
      { numRuns: 30 },
    );
  });

  test('another pre-shared key, or another identity, fails', () => {
    const [s, other] = [scriptOf(1), scriptOf(2)];
    const { first, second } = run(crypto, s);
    expect(consumeResponse(crypto, first.pending, [other.presharedKey], second.message)).toBeUndefined();
    expect(readInitiator(crypto, keyPair(crypto, other.responderStatic), first.message)).toBeUndefined();
  });

  test('keys of low order are refused on either side', () => {
    const s = scriptOf(1);
    const localStatic = keyPair(crypto, s.initiatorStatic);
    const opening = { localStatic, remoteStatic: new Uint8Array(32), localIndex: 1, timestamp: s.timestamp };
    expect(createInitiation(crypto, fixed(s.initiatorEphemeral), opening)).toBeUndefined();
    const { first, responder } = run(crypto, s);
    const forged = Uint8Array.from(first.message);
    forged.fill(0, INITIATION.ephemeral, INITIATION.static);
    expect(readInitiator(crypto, responder, forged)).toBeUndefined();
  });
});
