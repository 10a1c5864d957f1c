import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseAddress } from './address.js';
import { formatPrefix, maskPrefix, type Prefix, parsePrefix, prefixContainsAddress } from './prefix.js';
import { PrefixTrie } from './prefix-trie.js';

/** Addresses that share many leading bits, so that prefixes nest and branch. */
const address = fc.oneof(
  fc.array(fc.constantFrom(0, 1, 128, 255), { minLength: 4, maxLength: 4 }),
  fc.array(fc.constantFrom(0, 255), { minLength: 16, maxLength: 16 }),
);
const bytes = address.map((array) => Uint8Array.from(array));
const prefix = fc.tuple(bytes, fc.nat(128)).map(([base, bits]) => maskPrefix(base, Math.min(bits, base.length * 8)));

/** The obvious twin: all prefixes in a list, the longest that holds the address wins. */
function slowMatch(entries: ReadonlyMap<string, number>, target: Uint8Array): number | undefined {
  let best: { prefix: Prefix; value: number } | undefined;
  for (const [text, value] of entries) {
    const candidate = parsePrefix(text);
    if (prefixContainsAddress(candidate, target) && (!best || candidate.bits > best.prefix.bits)) {
      best = { prefix: candidate, value };
    }
  }
  return best?.value;
}

describe('PrefixTrie', () => {
  test('agrees with a list of prefixes after any history', () => {
    const step = fc.record({ prefix, value: fc.option(fc.nat(9)) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.array(bytes, { maxLength: 20 }), (steps, targets) => {
        const trie = new PrefixTrie<number>();
        const twin = new Map<string, number>();
        for (const { prefix: at, value } of steps) {
          if (value === null) {
            trie.delete(at);
            twin.delete(formatPrefix(at));
          } else {
            trie.set(at, value);
            twin.set(formatPrefix(at), value);
          }
          expect(trie.get(at)).toBe(twin.get(formatPrefix(at)));
        }
        for (const target of targets) expect(trie.match(target)).toBe(slowMatch(twin, target));
        const listed = [...trie.entries()].map(([at, value]): [string, number] => [formatPrefix(at), value]);
        expect(new Map(listed)).toEqual(twin);
        expect(listed).toHaveLength(twin.size);
      }),
    );
  });

  test('reads an address inside a packet', () => {
    const trie = new PrefixTrie<string>();
    trie.set(parsePrefix('0.0.0.0/0'), 'default');
    trie.set(parsePrefix('10.0.0.0/8'), 'ten');
    const packet = Uint8Array.of(9, 9, 9, ...parseAddress('10.1.2.3'), 9);
    expect(trie.match(packet, 3, 4)).toBe('ten');
    expect(trie.match(packet, 4, 4)).toBe('default');
    expect(trie.match(new Uint8Array(16))).toBeUndefined();
  });
});
