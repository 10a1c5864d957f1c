import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { EventStore } from '../event-store.js';
import { testAppends, testEvents } from '../testing/fixtures.js';
import { plain } from '../testing/kurrent-server/kurrent-log.js';
import { KurrentServer } from '../testing/kurrent-server/kurrent-server.js';
import { openKurrentEventStore } from './open-kurrent-event-store.js';

let server: KurrentServer;
let store: EventStore;

beforeEach(async () => {
  server = await KurrentServer.start();
  store = await openKurrentEventStore(server.url);
});
afterEach(async () => {
  await store.close();
  await server.stop();
});

/** What leases and the statistics of the server write beside a ledger. */
const others = (count: number) => {
  const events = Array.from({ length: count }, () => plain('RegisterWritten'));
  server.log.append('netfold:register:lease/x', 'any', events);
};

/** How many reads it takes to know that everything up to now has been handled. */
async function readsToCatchUp(after: number): Promise<number> {
  const before = server.reads;
  const subscription = store.subscribe({ after }, () => {});
  await subscription.caughtUp;
  await subscription.close();
  return server.reads - before;
}

describe('the end of the ledger', () => {
  // A ledger that rested for a night stood behind some ten thousand writes of leases, which were all looked at every time.
  test('is found without looking again at what others have written since', async () => {
    const { position } = await store.append('tailnet-a', -1, testEvents('tailnet-a', 2));
    others(5_000);
    expect(await readsToCatchUp(position)).toBeGreaterThan(5_000 / 513);
    for (let i = 0; i < 3; i++) {
      others(20);
      expect(await readsToCatchUp(position)).toBeLessThanOrEqual(2);
    }
  });

  test('moves with what is appended, by this store and by others', async () => {
    const other = await openKurrentEventStore(server.url);
    const appends = testAppends('tailnet-a', 4, 2);
    const handled: number[] = [];
    for (const [i, events] of appends.entries()) {
      const { position } = await (i % 2 ? other : store).append('tailnet-a', 2 * i - 1, events);
      others(i * 600);
      const subscription = store.subscribe({ after: 0 }, (event) => void handled.push(event.position));
      await subscription.caughtUp;
      await subscription.close();
      expect(handled.at(-1)).toBe(position);
    }
    await other.close();
  });
});
