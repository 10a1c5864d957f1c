import { describe, expect, test } from '@jest/globals';
import { FlowKey } from '../packet/flow-key.js';
import { PeerDirectory } from '../rules/peer-directory.js';
import type { PeerEntry } from '../rules/peer-entry.js';
import { VERDICT } from '../verdict.js';
import type { Initiator } from './flow.js';
import { FlowTable } from './flow-table.js';

const peers = new PeerDirectory();
peers.set({ id: 'p', addresses: [], labels: [] });
const peer = peers.get('p') as PeerEntry;

function key(remotePort: number, changes: Partial<Pick<FlowKey, 'localPort' | 'protocol' | 'family'>> = {}): FlowKey {
  return Object.assign(new FlowKey(), { remotePort, ...changes });
}

function keyWithAddress(end: 'remote' | 'local', word: number): FlowKey {
  const made = new FlowKey();
  made[end][word] = 1;
  return made;
}

function insert(table: FlowTable, key: FlowKey, initiator: Initiator = 'self', now = 0, lifetime = 100) {
  const flow = table.insert(now, key, initiator, peer, VERDICT.reply, 0);
  flow.expires = now + lifetime;
  return flow;
}

describe('a flow table', () => {
  test('tells apart flows that differ anywhere in their keys, in however few buckets', () => {
    const keys = [
      key(0),
      key(1),
      key(0, { localPort: 1 }),
      key(0, { protocol: 6 }),
      key(0, { family: 6 }),
      ...[0, 1, 2, 3].flatMap((word) => [keyWithAddress('remote', word), keyWithAddress('local', word)]),
    ];
    for (let seed = 0; seed < 50; seed++) {
      const table = new FlowTable(1, seed);
      for (const inserted of keys) {
        const flow = insert(table, inserted);
        for (const asked of keys) expect(table.find(1, asked)).toBe(asked === inserted ? flow : undefined);
      }
    }
  });

  test('keeps its own copy of the key', () => {
    const table = new FlowTable(4, 1);
    const scratch = key(5);
    insert(table, scratch);
    scratch.remotePort = 6;
    expect(table.find(1, key(5))).toBeDefined();
    expect(table.find(1, key(6))).toBeUndefined();
  });

  test('forgets a flow when its time has come', () => {
    const table = new FlowTable(4, 1);
    insert(table, key(1));
    expect(table.find(99, key(1))).toBeDefined();
    expect(table.find(100, key(1))).toBeUndefined();
    expect(table.size).toBe(0);
  });

  test('clears expired flows away as new ones come, before it gives up live ones', () => {
    const table = new FlowTable(4, 1);
    for (const port of [1, 2, 3]) insert(table, key(port), 'self', 0, 10);
    insert(table, key(4), 'self', 20);
    expect(table.size).toBe(2);
    insert(table, key(5), 'self', 20);
    expect(table.size).toBe(2);
  });

  test('makes the flow that was idle for longest give way, among those of the same initiator', () => {
    const table = new FlowTable(3, 1);
    const flows = [1, 2, 3].map((port) => insert(table, key(port)));
    insert(table, key(9), 'peer');
    for (const index of [1, 0]) table.touch(flows[index] as (typeof flows)[number]);
    insert(table, key(4));
    insert(table, key(5));
    const left = [1, 2, 3, 4, 5, 9].filter((port) => table.find(1, key(port)));
    expect(left).toEqual([1, 4, 5, 9]);
  });

  test('stays whole while flows come and go in shared buckets', () => {
    const table = new FlowTable(8, 3);
    const live = new Map<number, ReturnType<typeof insert>>();
    for (let step = 0; step < 400; step++) {
      const port = (step * 7) % 13;
      const known = live.get(port);
      if (known) {
        table.remove(known);
        live.delete(port);
      } else if (live.size < 8) live.set(port, insert(table, key(port)));
      for (let asked = 0; asked < 13; asked++) expect(table.find(1, key(asked))).toBe(live.get(asked));
      expect(table.size).toBe(live.size);
    }
  });
});
