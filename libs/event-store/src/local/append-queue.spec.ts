import { describe, expect, test } from '@jest/globals';
import { NetfoldError } from '#kernel';
import { EMPTY_HEAD } from '../event.js';
import { MemoryTable } from '../memory/memory-table.js';
import { testAppends, testEvents } from '../testing/fixtures.js';
import { AppendQueue } from './append-queue.js';
import type { EventRow } from './event-table.js';

const full = new NetfoldError({ code: 'store.disk_full', message: 'full' });

/** Storage that counts its transactions and refuses the rows of some streams. */
class FaultyTable extends MemoryTable {
  transactions = 0;
  readonly refused = new Set<string>();
  beginFails = false;

  override atomically<T>(work: () => T): T {
    this.transactions += 1;
    if (this.beginFails) throw full;
    return super.atomically(work);
  }

  override append(rows: readonly EventRow[]): number {
    if (rows.some(({ stream }) => this.refused.has(stream))) throw full;
    return super.append(rows);
  }
}

function setUp() {
  const table = new FaultyTable();
  let commits = 0;
  const queue = new AppendQueue(table, () => {
    commits += 1;
  });
  const append = (stream: string, count = 1) =>
    queue.add({ stream, expectedRevision: -1, events: testEvents(stream, count) });
  return { table, queue, append, commits: () => commits };
}

describe('group commit', () => {
  test('writes what was asked for in one turn in one transaction', async () => {
    const { table, queue, append, commits } = setUp();
    const events = testAppends('tailnet-a', 50, 2);
    await Promise.all([
      append('tailnet-b'),
      ...events.map((some, i) => queue.add({ stream: 'tailnet-a', expectedRevision: 2 * i - 1, events: some })),
    ]);
    expect(table.transactions).toBe(1);
    expect(commits()).toBe(1);
    expect(table.lastPosition()).toBe(101);
  });

  test('answers nobody before the commit', async () => {
    const { table, append } = setUp();
    const log: string[] = [];
    const atomically = table.atomically.bind(table);
    table.atomically = (work) => {
      const result = atomically(work);
      log.push('committed');
      return result;
    };
    await Promise.all([append('tailnet-a'), append('tailnet-b')].map((one) => one.then(() => log.push('answered'))));
    expect(log).toEqual(['committed', 'answered', 'answered']);
  });

  test('splits a flood, so that the process can do other things between', async () => {
    const { table, append } = setUp();
    await Promise.all(['tailnet-a', 'tailnet-b', 'tailnet-c'].map((stream) => append(stream, 2000)));
    expect(table.transactions).toBe(2);
    expect(table.streams()).toHaveLength(3);
  });

  test('an append that cannot be stored takes no other along', async () => {
    const { table, append } = setUp();
    table.refused.add('tailnet-b');
    const outcomes = await Promise.allSettled(['tailnet-a', 'tailnet-b', 'tailnet-c'].map((stream) => append(stream)));
    expect(outcomes).toMatchObject([
      { status: 'fulfilled' },
      { status: 'rejected', reason: full },
      { status: 'fulfilled' },
    ]);
    expect(table.streams()).toEqual(['tailnet-a', 'tailnet-c']);
  });

  test('storage that cannot begin is asked once, and again for the next append', async () => {
    const { table, append, commits } = setUp();
    table.beginFails = true;
    const outcomes = await Promise.allSettled(['tailnet-a', 'tailnet-b'].map((stream) => append(stream)));
    expect(outcomes).toMatchObject([{ reason: full }, { reason: full }]);
    expect([table.transactions, commits()]).toEqual([1, 0]);
    table.beginFails = false;
    expect(await append('tailnet-a')).toEqual({ revision: 0, position: 1 });
    expect(table.head('tailnet-b')).toEqual(EMPTY_HEAD);
  });
});
