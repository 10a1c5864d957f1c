import { expect, test } from '@jest/globals';
import { NetfoldError, type Problem } from '#kernel';
import type { Batch } from './worker/protocol.js';
import { type WorkerCalls, WorkerChanges } from './worker-changes.js';

const REFUSED: Problem = { code: 'wireguard.peer_exists', message: 'there is such a peer' };
const key = (byte: number) => new Uint8Array(32).fill(byte);

/** What is asked of a worker that refuses the peer with this first byte of its key. */
function refusing(byte: number) {
  const asked: Batch[] = [];
  const together = (batch: readonly Batch[]) => {
    asked.push(...batch);
    return batch
      .filter(({ change }) => change.call === 'addPeer' && change.words[0].publicKey[0] === byte)
      .map(({ task }) => [task, REFUSED] as const);
  };
  const worker = { isUp: () => false, isClosed: () => false, askIfUp: () => undefined };
  const ask = (_: string, batch: readonly Batch[]) => together(batch);
  return { changes: new WorkerChanges({ ...worker, ask } as unknown as WorkerCalls, () => 0), asked };
}

test('a new worker is told all, each a task of its own; what it refuses is told to who had it made', () => {
  const { changes, asked } = refusing(2);
  changes.make({ call: 'setPrivateKey', words: [key(9)] });
  for (const byte of [1, 2, 3]) changes.make({ call: 'addPeer', words: [{ publicKey: key(byte), allowedIps: [] }] });
  expect(changes.restore(() => undefined)).toEqual([REFUSED]);
  expect(asked.map(({ task, change }) => [task, change.call])).toEqual([
    [0, 'setPrivateKey'],
    [1, 'addPeer'],
    [2, 'addPeer'],
    [3, 'addPeer'],
  ]);
});

test('a worker that ends meanwhile is no worker that refused', () => {
  const lost = new NetfoldError({ code: 'dataplane.lost', message: 'its thread ended' });
  const worker = {
    ask: () => {
      throw lost;
    },
  };
  expect(() => new WorkerChanges(worker as unknown as WorkerCalls, () => 0).restore(() => undefined)).toThrow(lost);
});
