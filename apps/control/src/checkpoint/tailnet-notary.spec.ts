import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, jest, test } from '@jest/globals';
import { NobleCrypto } from '#crypto';
import { ledgerHasher, memoryEventStore } from '#event-store';
import { temporaryFolder, testAppends } from '#event-store/testing';
import { isConsistent, noteSigner, openCheckpoint, parseVerifierKey } from '#merkle';
import { decodeServerMessage, encodeFrame } from '#wire';
import { LedgerTree } from './ledger-tree.js';
import { TailnetNotary } from './tailnet-notary.js';
import { TreeCache } from './tree-cache.js';

const crypto = new NobleCrypto();
const appends = testAppends('tailnet-a', 30, 10);
const events = appends.flat();

function notaryOf(count: number, history = events) {
  const tree = new LedgerTree();
  for (const event of history.slice(0, count)) tree.apply(event);
  const signer = noteSigner(crypto, 'netfold/tailnet-a', new Uint8Array(32).fill(1));
  const sign = jest.fn(signer.sign);
  return { tree, sign, notary: new TailnetNotary(tree, { ...signer, sign }) };
}

/** What an agent reads in a frame. */
function read(encoded: Uint8Array) {
  const header = { epoch: new Uint8Array(), revision: 0, baseRevision: 0, digest: new Uint8Array(), snapshot: true };
  const message = decodeServerMessage(encodeFrame({ ...header, removed: [] }, [], encoded));
  if (message.kind !== 'frame' || !message.frame.checkpoint) throw new Error('there is no checkpoint');
  return message.frame.checkpoint;
}

describe('a notary', () => {
  test('tells an agent that knows nothing the ledger and its key, and leads it on from there', () => {
    const { tree, notary } = notaryOf(17);
    const first = notary.since(0);
    const { note, key = '', proof } = read(first.encoded);
    const pinned = parseVerifierKey(crypto, key);
    const known = openCheckpoint(crypto, note, pinned);
    expect([known, proof, first.size]).toEqual([{ origin: 'netfold/tailnet-a', size: 17, root: tree.root() }, [], 17]);

    for (const event of events.slice(17, 40)) tree.apply(event);
    const next = read(notary.since(17).encoded);
    const newest = openCheckpoint(crypto, next.note, pinned);
    expect(next).toMatchObject({ from: 17 });
    expect(next.key).toBeUndefined();
    expect(newest.size).toBe(40);
    expect(isConsistent(ledgerHasher, known, newest, next.proof)).toBe(true);
  });

  test('signs once for each batch of events, and proves once for all agents that know the same', () => {
    const { tree, notary, sign } = notaryOf(17);
    const steps = Array.from({ length: 1_000 }, () => notary.since(9));
    expect(new Set(steps).size).toBe(1);
    notary.since(4);
    expect(sign).toHaveBeenCalledTimes(1);
    for (const event of events.slice(17, 30)) tree.apply(event);
    expect(notary.since(9)).not.toBe(steps[0]);
    expect(sign).toHaveBeenCalledTimes(2);
  });

  test('knows which ledgers its own has been', () => {
    const { tree, notary } = notaryOf(40);
    for (const size of [0, 1, 39, 40]) expect(notary.hasBeen({ size, root: tree.root(size) })).toBe(true);
    expect(notary.hasBeen({ size: 41, root: tree.root() })).toBe(false);
    expect(notary.hasBeen({ size: 39, root: tree.root() })).toBe(false);
  });
});

describe('the tree of a ledger', () => {
  test('is the same from a subscription, from the store, and from both', async () => {
    const store = memoryEventStore();
    for (const batch of appends) await store.append('tailnet-a', (batch[0]?.revision ?? 0) - 1, batch);
    const live = notaryOf(300).tree;
    const filled = new LedgerTree();
    filled.apply(events[299] ?? { revision: 0, hash: '' }); // before its turn
    await filled.fill(store, 'tailnet-a');
    const both = notaryOf(123).tree;
    await both.fill(store, 'tailnet-a');
    expect([filled.root(), both.root()]).toEqual([live.root(), live.root()]);
    expect([filled.size, both.size]).toEqual([300, 300]);
    await store.close();
  });

  describe('of an earlier run', () => {
    const fileIn = temporaryFolder();
    const cache = () => new TreeCache(fileIn('trees'), new Uint8Array(32).fill(3));
    async function started(history: typeof appends) {
      const store = memoryEventStore();
      for (const batch of history) await store.append('tailnet-a', (batch[0]?.revision ?? 0) - 1, batch);
      const tree = new LedgerTree();
      const saved = cache().load('tailnet-a');
      if (saved) await tree.adopt(store, 'tailnet-a', saved);
      const adopted = tree.size;
      await tree.fill(store, 'tailnet-a');
      expect(tree.root()).toEqual(notaryOf(tree.size, history.flat()).tree.root());
      await store.close();
      return adopted;
    }

    test('is gone on from when the ledger is the same up to there, and made anew when it is not', async () => {
      cache().save('tailnet-a', notaryOf(123).tree.save());
      expect(await started(appends)).toBe(123);
      expect(await started(appends.slice(0, 5))).toBe(0);
      expect(await started(testAppends('tailnet-a', 20, 15))).toBe(0);
      expect(cache().load('tailnet-b')).toBeUndefined();
    });

    test('counts for nothing when its file is damaged, or is another stream’s', () => {
      cache().save('tailnet-a', notaryOf(40).tree.save());
      const file = fileIn('trees/tailnet-a.tree');
      const good = readFileSync(file);
      expect(cache().load('tailnet-a')).toEqual(notaryOf(40).tree.save());
      for (const bad of [good.with(9, 1), good.subarray(1), good.subarray(0, 30), new Uint8Array()]) {
        writeFileSync(file, bad);
        expect(cache().load('tailnet-a')).toBeUndefined();
      }
      writeFileSync(fileIn('trees/tailnet-b.tree'), good);
      expect(cache().load('tailnet-b')).toBeUndefined();
    });
  });
});
