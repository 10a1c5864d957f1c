import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { fromUtf8 } from '#kernel';
import {
  claimBytesToSign,
  decodeCommandClaim,
  decodeHelloClaim,
  decodeRegisterClaim,
  encodeCommandClaim,
  encodeHelloClaim,
  encodeRegisterClaim,
  type NodeAction,
} from './claims.js';

const bytes = fc.uint8Array({ maxLength: 40 });
const key = fc.uint8Array({ minLength: 32, maxLength: 32 });
const text = fc.string({ maxLength: 20 });
const texts = fc.array(text, { maxLength: 4 });

const registerClaim = fc.record(
  {
    nonce: bytes,
    machineKey: key,
    nodeKey: key,
    hostname: text,
    os: text,
    commandId: text,
    tags: texts,
    ephemeral: fc.boolean(),
    authKey: text,
  },
  { requiredKeys: ['nonce', 'machineKey', 'nodeKey', 'hostname', 'os', 'commandId', 'tags', 'ephemeral'] },
);

const action: fc.Arbitrary<NodeAction> = fc.oneof(
  fc.record({ kind: fc.constant('rotate-key'), nodeKey: key }),
  fc.record({ kind: fc.constant('advertise-routes'), prefixes: texts }),
  fc.record({ kind: fc.constant('set-hostname'), hostname: text }),
  fc.record({ kind: fc.constant('logout') }),
);
const commandClaim = fc.record({ nonce: bytes, nodeId: text, commandId: text, action });

const helloClaim = fc.record(
  {
    nonce: bytes,
    nodeId: text,
    clientVersion: text,
    os: text,
    resume: fc.record({ epoch: bytes, revision: fc.nat(Number.MAX_SAFE_INTEGER), digest: bytes }),
    ledger: fc.record({ size: fc.nat(Number.MAX_SAFE_INTEGER), root: bytes }),
    streamNumber: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
  },
  { requiredKeys: ['nonce', 'nodeId', 'clientVersion', 'os'] },
);

describe('claims', () => {
  test('say at the other end what they said', () => {
    fc.assert(fc.property(registerClaim, (c) => expect(decodeRegisterClaim(encodeRegisterClaim(c))).toEqual(c)));
    fc.assert(fc.property(commandClaim, (c) => expect(decodeCommandClaim(encodeCommandClaim(c))).toEqual(c)));
    fc.assert(fc.property(helloClaim, (c) => expect(decodeHelloClaim(encodeHelloClaim(c))).toEqual(c)));
  });

  test('what is signed names the kind of claim, so that no signature serves for another kind', () => {
    const claim = Uint8Array.of(1, 2, 3);
    const signed = (['register', 'command', 'hello'] as const).map((kind) => fromUtf8(claimBytesToSign(kind, claim)));
    expect(signed).toEqual([
      'netfold.v1.RegisterClaim\0\x01\x02\x03',
      'netfold.v1.CommandClaim\0\x01\x02\x03',
      'netfold.v1.HelloClaim\0\x01\x02\x03',
    ]);
  });

  test.each([
    ['RegisterClaim', decodeRegisterClaim],
    ['CommandClaim', decodeCommandClaim],
    ['HelloClaim', decodeHelloClaim],
  ] as const)('what is no %s is refused with a code', (_, decode) => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (noise) => {
        try {
          decode(noise);
        } catch (error) {
          expect(error).toMatchObject({ code: 'wire.malformed' });
        }
      }),
      { numRuns: 1_000 },
    );
  });

  test('keys of another length are refused', () => {
    const [claim] = fc.sample(registerClaim, 1);
    const short = new Uint8Array(31);
    for (const change of [{ machineKey: short }, { nodeKey: short }]) {
      const encoded = claim && encodeRegisterClaim({ ...claim, ...change });
      expect(() => encoded && decodeRegisterClaim(encoded)).toThrow(
        expect.objectContaining({ code: 'wire.malformed' }),
      );
    }
  });
});
