import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { NativeCrypto } from '#crypto/native';
import { fromHex, toHex, utf8 } from '#kernel';
import { CompactRange } from './compact-range.js';
import { consistencyProof, inclusionProof, rootAt } from './proofs.js';
import { NaiveTree } from './testing/naive-tree.js';
import { TILE_WIDTH, TileTree } from './tile-tree.js';
import { TreeHasher } from './tree-hasher.js';
import { isConsistent, isIncluded } from './verify-proofs.js';

const crypto = new NativeCrypto();
const hasher = new TreeHasher((data) => crypto.sha256(data));

function treeOf(data: readonly Uint8Array[]): TileTree {
  const tree = new TileTree(hasher);
  for (const one of data) tree.append(hasher.leaf(one));
  return tree;
}

const numbered = (count: number): Uint8Array[] => Array.from({ length: count }, (_, i) => utf8(`leaf ${i}`));
const headOf = (tree: TileTree, size: number) => ({ size, root: rootAt(tree, size) });
const hex = (hashes: readonly Uint8Array[]): string[] => hashes.map(toHex);
const flipped = (bytes: Uint8Array): Uint8Array => bytes.map((byte, i) => (i === 5 ? byte ^ 1 : byte));

describe('the test data of Certificate Transparency', () => {
  const data = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
  const tree = treeOf(data.map((hex) => fromHex(hex) ?? new Uint8Array()));
  test('roots', () => {
    expect(hex(Array.from({ length: 9 }, (_, size) => rootAt(tree, size)))).toEqual([
      'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
      '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
      'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
      'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
      '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
      '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
      'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
      '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
    ]);
  });

  test.each([
    [0, 1, []],
    [
      0,
      8,
      [
        '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
        '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
        '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
      ],
    ],
    [
      5,
      8,
      [
        'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
        'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
        'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
      ],
    ],
    [2, 3, ['fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125']],
    [
      1,
      5,
      [
        '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
        '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
        'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
      ],
    ],
  ])('leaf %i in the tree of %i', (index, size, path) => {
    expect(hex(inclusionProof(tree, index, size))).toEqual(path);
  });

  test.each([
    [1, 1, []],
    [
      1,
      8,
      [
        '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
        '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
        '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
      ],
    ],
    [
      6,
      8,
      [
        '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a',
        'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
        'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
      ],
    ],
    [
      2,
      5,
      [
        '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
        'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
      ],
    ],
  ])('from the tree of %i to the tree of %i', (from, to, path) => {
    expect(hex(consistencyProof(tree, from, to))).toEqual(path);
  });
});

describe('as the RFC defines it', () => {
  const leaves = fc.array(fc.uint8Array({ maxLength: 8 }), { maxLength: 70 });

  test('roots, also of the compact range', () => {
    fc.assert(
      fc.property(leaves, (data) => {
        const naive = new NaiveTree(hasher, data).root();
        const tree = treeOf(data);
        const range = new CompactRange(hasher);
        for (const one of data) range.append(hasher.leaf(one));
        expect([tree.root, rootAt(tree, data.length), range.root]).toEqual([naive, naive, naive]);
        expect([tree.size, range.size]).toEqual([data.length, data.length]);
      }),
    );
  });

  test('every proof up to 35 leaves is the one of the RFC, and verifies', () => {
    const data = numbered(35);
    const tree = treeOf(data);
    for (let size = 1; size <= data.length; size++) {
      const naive = new NaiveTree(hasher, data.slice(0, size));
      const head = headOf(tree, size);
      for (let i = 0; i < size; i++) {
        const proof = inclusionProof(tree, i, size);
        expect(hex(proof)).toEqual(hex(naive.path(i)));
        expect(isIncluded(hasher, { index: i, leaf: tree.node(0, i), proof }, head)).toBe(true);
        const steps = consistencyProof(tree, i + 1, size);
        expect(hex(steps)).toEqual(hex(naive.proof(i + 1)));
        expect(isConsistent(hasher, headOf(tree, i + 1), head, steps)).toBe(true);
      }
      expect(isConsistent(hasher, headOf(tree, 0), head, consistencyProof(tree, 0, size))).toBe(true);
    }
  });
});

describe('a tree of several tiles', () => {
  const size = TILE_WIDTH * TILE_WIDTH + 3 * TILE_WIDTH + 77;
  const tree = new TileTree(hasher);
  for (let i = 0; i < size; i++) tree.append(hasher.leaf(Uint8Array.of(i, i >> 8, i >> 16)));

  test('proves any leaf in, and any step between, any of its sizes', () => {
    fc.assert(
      fc.property(fc.nat(size - 1), fc.integer({ min: 1, max: size }), (one, other) => {
        const [index, to] = one < other ? [one, other] : [other - 1, one + 1];
        const head = headOf(tree, to);
        const proof = inclusionProof(tree, index, to);
        expect(isIncluded(hasher, { index, leaf: tree.node(0, index), proof }, head)).toBe(true);
        const steps = consistencyProof(tree, index + 1, to);
        expect(isConsistent(hasher, headOf(tree, index + 1), head, steps)).toBe(true);
      }),
      { numRuns: 60 },
    );
    expect(rootAt(tree, size)).toEqual(tree.root);
  });

  test('shows its tiles: leaves, the roots of full tiles, and so on', () => {
    expect(tree.tile(0, 1, 2)).toEqual(Buffer.concat([tree.node(0, 256), tree.node(0, 257)]));
    expect(tree.tile(1, 0, TILE_WIDTH)?.subarray(-32)).toEqual(tree.node(8, 255));
    expect(tree.tile(2, 0, 1)).toEqual(rootAt(tree, TILE_WIDTH * TILE_WIDTH));
    for (const [level, index, width] of [
      [2, 0, 2],
      [1, 1, 4],
      [3, 0, 1],
      [0, 9_999, 1],
    ] as const) {
      expect(tree.tile(level, index, width)).toBeUndefined();
    }
  });

  test('goes on from what was saved of it, at any size', () => {
    fc.assert(
      fc.property(fc.oneof(fc.nat(3 * TILE_WIDTH), fc.constant(TILE_WIDTH ** 2 + 3)), fc.nat(300), (saved, more) => {
        const first = new TileTree(hasher);
        for (let i = 0; i < saved; i++) first.append(tree.node(0, i));
        const second = new TileTree(hasher, first.save());
        for (let i = saved; i < saved + more; i++) second.append(tree.node(0, i));
        expect(second.size).toBe(saved + more);
        expect(second.root).toEqual(rootAt(tree, saved + more));
        expect(rootAt(second, saved)).toEqual(rootAt(tree, saved));
        const { size, hashes } = first.save();
        if (size > 0) expect(() => new TileTree(hasher, { size, hashes: hashes.subarray(1) })).toThrow();
        expect(() => new TileTree(hasher, { size: size + 1, hashes })).toThrow(
          expect.objectContaining({ code: 'merkle.malformed' }),
        );
      }),
      { numRuns: 8 },
    );
  });

  test.each([
    ['a leaf beyond the tree', () => inclusionProof(tree, 5, 5)],
    ['a size beyond the tree', () => inclusionProof(tree, 5, size + 1)],
    ['a step back', () => consistencyProof(tree, 6, 5)],
    ['a root of what is to come', () => rootAt(tree, size + 1)],
    ['a node of what is to come', () => tree.node(8, 100_000)],
  ])('refuses %s', (_, ask) => {
    expect(ask).toThrow(expect.objectContaining({ code: 'merkle.out_of_range' }));
  });
});

describe('what proves nothing', () => {
  const tree = treeOf(numbered(60));
  const cases = fc
    .record({
      to: fc.integer({ min: 2, max: 60 }),
      part: fc.nat(),
      at: fc.nat(),
      extra: fc.uint8Array({ maxLength: 40 }),
    })
    .map(({ to, part, ...rest }) => ({ to, from: 1 + (part % (to - 1)), ...rest }));

  /** A proof that is changed, cut, lengthened or turned round. */
  function spoilt(proof: readonly Uint8Array[], at: number, extra: Uint8Array): Uint8Array[][] {
    const place = at % Math.max(1, proof.length);
    return [
      proof.map((hash, i) => (i === place ? flipped(hash) : hash)),
      proof.toSpliced(place, 1),
      proof.toSpliced(place, 0, extra),
      [...proof, new Uint8Array(32)],
      proof.map((hash, i) => (i === place ? hash.subarray(1) : hash)),
    ].filter((other) => other.length !== proof.length || other.some((hash, i) => hash !== proof[i]));
  }

  test('an inclusion proof that was altered, or is for another leaf, place or tree', () => {
    fc.assert(
      fc.property(cases, ({ to, from, at, extra }) => {
        const index = from - 1;
        const good = { index, leaf: tree.node(0, index), proof: inclusionProof(tree, index, to) };
        const head = headOf(tree, to);
        for (const proof of spoilt(good.proof, at, extra))
          expect(isIncluded(hasher, { ...good, proof }, head)).toBe(false);
        expect(isIncluded(hasher, { ...good, leaf: flipped(good.leaf) }, head)).toBe(false);
        for (const wrong of [index + 1, index - 1, to, 0.5, Number.NaN, 2 ** 53]) {
          expect(isIncluded(hasher, { ...good, index: wrong }, head)).toBe(false);
        }
        expect(isIncluded(hasher, good, { ...head, root: flipped(head.root) })).toBe(false);
      }),
    );
  });

  test('a consistency proof that was altered, or is between other trees', () => {
    fc.assert(
      fc.property(cases, ({ to, from, at, extra }) => {
        const [older, newer] = [headOf(tree, from), headOf(tree, to)];
        const good = consistencyProof(tree, from, to);
        for (const proof of spoilt(good, at, extra)) expect(isConsistent(hasher, older, newer, proof)).toBe(false);
        expect(isConsistent(hasher, { ...older, root: flipped(older.root) }, newer, good)).toBe(false);
        expect(isConsistent(hasher, older, { ...newer, root: flipped(newer.root) }, good)).toBe(false);
        expect(isConsistent(hasher, newer, older, good)).toBe(false);
        expect(isConsistent(hasher, older, { ...newer, size: Number.NaN }, good)).toBe(false);
        expect(isConsistent(hasher, { size: 0, root: older.root }, newer, [])).toBe(false);
        expect(isConsistent(hasher, newer, { ...newer, root: older.root }, [])).toBe(false);
      }),
    );
  });
});
