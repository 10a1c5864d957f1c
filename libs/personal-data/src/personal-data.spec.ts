import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { seededRandom } from '#crypto/testing';
import type { JsonObject } from '#kernel';
import { openPersonalData, peopleIn, sealPersonalData } from './personal-data.js';
import { erasedName } from './sealed-text.js';
import { memoryPersonKeys } from './testing/memory-person-keys.js';

const keysOf = () => memoryPersonKeys(seededRandom(1));
const event = (data: JsonObject, name = 'alice@example.com', reason = 'asked for by Bob@Example.com') => ({
  type: 'AclPublished',
  actor: { kind: 'user', id: 'user_1', name },
  reason,
  data,
});
const POLICY =
  '{"groups": {"group:eng": ["alice@example.com", "bob@example.com"]}, "acls": [] /* ask Bob@Example.com */}';

const sealedPart = fc.constantFrom('⟦', '⟧', '⟦⟦', '⟦a:b⟧', 'a@b', 'alice@example.com', 'x', ':', '@');
const text = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.array(sealedPart).map((parts) => parts.join('')),
);
const value = fc.letrec<{ any: unknown }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 3 },
    text,
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('any'), { maxLength: 3 }),
    fc.dictionary(text, tie('any'), { maxKeys: 3, noNullPrototype: true }),
  ),
})).any;
const data = fc.dictionary(fc.oneof(text, fc.constantFrom('login', 'displayName')), value, { noNullPrototype: true });

describe('personal data in events', () => {
  test('nothing that names a person is left in the sealed form', () => {
    const told = event({
      login: 'alice@example.com',
      displayName: 'Alice Liddell',
      text: POLICY,
      list: ['bob@example.com'],
    });
    const sealed = JSON.stringify(sealPersonalData(told, keysOf()));
    expect(sealed).not.toMatch(/alice|bob|liddell|@/i);
    expect(sealed).toContain('group:eng');
  });

  test('opening gives back the very event, whatever it says', () => {
    fc.assert(
      fc.property(data, text, text, (some, name, reason) => {
        const keys = keysOf();
        const told = event(some as JsonObject, name, reason);
        expect(openPersonalData(sealPersonalData(told, keys), keys)).toEqual(told);
      }),
    );
  });

  test('the same event is sealed the same way twice, so that an append can be repeated', () => {
    const keys = keysOf();
    const told = event({ text: POLICY });
    expect(sealPersonalData(told, keys)).toEqual(sealPersonalData(told, keys));
  });

  test('it can be said whom an event names, without their keys', () => {
    const keys = keysOf();
    const sealed = sealPersonalData(event({ login: 'carol@example.com', text: POLICY, odd: '⟦⟦x:y⟧' }), keys);
    const names = ['alice', 'bob', 'carol'].map((name) => keys.of(`${name}@example.com`).id);
    expect([...peopleIn(sealed)].sort()).toEqual(names.sort());
    expect(peopleIn({ actor: {}, data: { text: POLICY } }).size).toBe(0);
  });

  test('an erased person is gone, and nobody else is', () => {
    const keys = keysOf();
    const sealed = sealPersonalData(event({ login: 'alice@example.com', displayName: 'Alice', text: POLICY }), keys);
    const { id } = keys.of('alice@example.com');
    keys.erase(id);
    const opened = openPersonalData(sealed, keys);
    expect(JSON.stringify(opened)).not.toMatch(/alice/i);
    expect(opened).toEqual(
      event(
        {
          login: erasedName(id),
          displayName: erasedName(id),
          text: POLICY.replace('alice@example.com', erasedName(id)),
        },
        erasedName(id),
      ),
    );
  });

  test('whoever comes back after that is somebody else', () => {
    const keys = keysOf();
    const before = keys.of('alice@example.com').id;
    keys.erase(before);
    expect(keys.of('alice@example.com').id).not.toBe(before);
  });

  test('what was sealed for one person does not open as another', () => {
    const keys = keysOf();
    const [alice, bob] = [keys.of('alice@example.com').id, keys.of('bob@example.com').id];
    const sealed = sealPersonalData(event({ list: ['alice@example.com'] }), keys);
    const swapped = JSON.parse(JSON.stringify(sealed).replaceAll(alice, bob));
    expect(openPersonalData(swapped, keys).data).toEqual({ list: [erasedName(bob)] });
  });

  test('a text without people in it is kept as it is', () => {
    const told = event({ nodeId: 'node_1', count: 3, tags: ['tag:a'], none: null }, 'ci', 'ticket 7');
    expect(sealPersonalData(told, keysOf())).toEqual(told);
  });
});
