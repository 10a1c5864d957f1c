import type { KurrentConnection } from './kurrent-connection.js';
import type { Followed } from './kurrent-subscription.js';
import type { LedgerReader } from './ledger-reader.js';
import type { StreamNames } from './stream-names.js';

/** All streams of the ledger behind a position. */
export const followAll = (
  connection: KurrentConnection,
  reader: LedgerReader,
  names: StreamNames,
  after: number,
  interrupted: Followed['interrupted'],
): Followed => ({
  name: connection.name,
  after,
  deadline: connection.deadline,
  target: () => reader.lastPosition(),
  open: async (last) => {
    const from = last?.position ?? after;
    return connection.followAll(names.prefix, from > 0 ? from : undefined);
  },
  placeOf: (recorded) => reader.placeOf(recorded),
  read: (recorded) => reader.read(recorded),
  interrupted,
});

/** One stream of the ledger behind a position. */
export const followStream = (
  connection: KurrentConnection,
  reader: LedgerReader,
  names: StreamNames,
  { stream, after }: { readonly stream: string; readonly after: number },
  interrupted: Followed['interrupted'],
): Followed => ({
  name: connection.name,
  after,
  deadline: connection.deadline,
  target: async () => (await reader.last(stream))?.position ?? 0,
  open: async (last) => {
    const before = last ?? (after > 0 ? await reader.lastBefore(stream, after) : undefined);
    return connection.follow(names.kurrent(stream), before?.revision);
  },
  placeOf: (recorded) => reader.placeOf(recorded),
  read: (recorded) => reader.read(recorded),
  interrupted,
});
