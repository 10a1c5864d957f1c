import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { eventHash } from '../event-hash.js';
import type { EventStore } from '../event-store.js';
import { collect, testAppends, testEvents } from '../testing/fixtures.js';
import { plain } from '../testing/kurrent-server/kurrent-log.js';
import { KurrentServer } from '../testing/kurrent-server/kurrent-server.js';
import type { LogRecord } from '../testing/kurrent-server/log-record.js';
import { Recorder } from '../testing/recorder.js';
import { openLedgerSource } from '../transfer/open-ledger.js';
import { verifyLedger } from '../transfer/verify-ledger.js';
import type { UnreadableEvent } from '../unreadable-event.js';
import { openKurrentEventStore } from './open-kurrent-event-store.js';

// A server that says what is not so. The adapter believes nothing that the hashes do not bear out.

const STREAM = 'tailnet-a';

let server: KurrentServer;
let store: EventStore;
const [first = [], second = [], third = []] = testAppends(STREAM, 3, 3);

beforeEach(async () => {
  server = await KurrentServer.start();
  store = await openKurrentEventStore(server.url);
  await store.append(STREAM, -1, first);
  await store.append(STREAM, 2, second);
});
afterEach(async () => {
  await store.close();
  await server.stop();
});

const isOurs = ({ stream }: LogRecord) => stream === `netfold.${STREAM}`;
const edited = (record: LogRecord, from: string, to: string): LogRecord => ({
  ...record,
  data: Buffer.from(Buffer.from(record.data).toString().replace(from, to)),
});
const noted = (record: LogRecord, note: object): LogRecord => ({
  ...record,
  custom: Buffer.from(JSON.stringify({ netfold: note })),
});

/** Changed, with the hash that its new text has. */
function forged(record: LogRecord): LogRecord {
  const changed = edited(record, '"n":0', '"n":7');
  const { netfold } = JSON.parse(Buffer.from(record.custom).toString()) as { netfold: { previous: string } };
  return noted(changed, { ...netfold, hash: eventHash(netfold.previous, Buffer.from(changed.data).toString()) });
}

/** To whoever follows, the same event once more is no lie: see kurrent-faults.spec.ts. */
const TWICE = 'an event twice';
type Lie = (faults: KurrentServer['faults'], records: readonly LogRecord[]) => void;

const lies: [string, Lie][] = [
  [
    'changed content',
    (faults) => {
      faults.show = (record) => (isOurs(record) && record.revision === 3 ? edited(record, '"n":0', '"n":7') : record);
    },
  ],
  [
    'another order',
    (faults) => {
      faults.arrange = (records) => records.toReversed();
    },
  ],
  [
    'an event left out',
    (faults) => {
      faults.show = (record) => (isOurs(record) && record.revision === 3 ? undefined : record);
    },
  ],
  [
    TWICE,
    (faults) => {
      faults.arrange = (records) => records.flatMap((record) => (record.revision === 3 ? [record, record] : [record]));
    },
  ],
  [
    'an event that was forged with a hash of its own',
    (faults) => {
      faults.show = (record) => (isOurs(record) && record.revision === 3 ? forged(record) : record);
    },
  ],
  [
    'another event in its place',
    (faults, records) => {
      faults.show = (record) => {
        const other = records.find(({ stream, revision }) => stream === record.stream && revision === 2);
        return isOurs(record) && record.revision === 3 && other
          ? { ...record, data: other.data, custom: other.custom }
          : record;
      };
    },
  ],
];

const corrupt = { code: 'store.corrupt', where: expect.stringContaining('kurrentdb://127.0.0.1') };

describe.each(lies)('%s is found', (_, lie) => {
  beforeEach(() => lie(server.faults, server.log.records));

  test('by reads', async () => {
    await expect(collect(store.read(STREAM))).rejects.toMatchObject(corrupt);
    await expect(collect(store.readAll())).rejects.toMatchObject(corrupt);
  });
});

describe.each(lies.filter(([what]) => what !== TWICE))('%s is found', (_, lie) => {
  beforeEach(() => lie(server.faults, server.log.records));

  test.each([undefined, STREAM])('by a subscription of %p, which ends', async (stream) => {
    const subscription = store.subscribe({ after: undefined, ...(stream && { stream }) }, () => {});
    expect(await subscription.closed).toMatchObject(corrupt);
  });
});

test('an event that was changed, or is none, ends its own stream alone for whoever wants to be told', async () => {
  server.faults.show = (record) =>
    isOurs(record) && record.revision === 4 ? edited(record, '"n":1', '"n":7') : record;
  const [b = [], c = []] = [testEvents('tailnet-b', 2), testEvents('tailnet-c', 2)];
  await store.append('tailnet-b', -1, b);
  await store.append('tailnet-c', -1, c);
  server.log.append('netfold.tailnet-c', 'any', [plain('OrderPlaced')]);
  expect(await store.streams()).toEqual(['tailnet-a', 'tailnet-b', 'tailnet-c']);
  const recorder = new Recorder();
  const unreadable: UnreadableEvent[] = [];
  const start = { after: undefined, unreadable: (event: UnreadableEvent) => void unreadable.push(event) };
  await store.subscribe(start, recorder.handle).caughtUp;
  expect(recorder.events.map(({ stream, revision }) => `${stream}@${revision}`)).toEqual(
    ['a@0', 'a@1', 'a@2', 'a@3', 'b@0', 'b@1', 'c@0', 'c@1'].map((at) => `tailnet-${at}`),
  );
  expect(unreadable).toMatchObject([
    { stream: STREAM, revision: 4, problem: { code: 'store.corrupt' } },
    { stream: 'tailnet-c', revision: 2, type: 'OrderPlaced', problem: { code: 'store.foreign_event' } },
  ]);
  const before: number[] = [];
  const reading = async () => {
    for await (const { revision } of store.read(STREAM)) before.push(revision);
  };
  await expect(reading()).rejects.toMatchObject({ code: 'store.corrupt' });
  expect(before).toEqual([0, 1, 2, 3]);
});

test('events of two streams in another order are found by who follows all', async () => {
  await store.append('tailnet-b', -1, testEvents('tailnet-b', 1));
  server.faults.arrange = (records) => {
    const last = records.findLast(({ stream }) => stream === 'netfold.tailnet-b');
    return last ? [last, ...records.filter((record) => record !== last)] : records;
  };
  const corrupt = { code: 'store.corrupt', message: expect.stringContaining('comes at position') };
  await expect(collect(store.readAll())).rejects.toMatchObject(corrupt);
  expect(await store.subscribe({ after: undefined }, () => {}).closed).toMatchObject(corrupt);
});

test('what was acknowledged and not stored is found with the next append, and by whoever asks', async () => {
  server.faults.appends = ['forget'];
  await store.append(STREAM, 5, third);
  const lost = { code: 'store.corrupt', message: expect.stringContaining('acknowledged revision 8') };
  const [next = []] = testAppends(STREAM, 4, 3).slice(3);
  await expect(store.append(STREAM, 8, next)).rejects.toMatchObject(lost);
  await expect(store.head(STREAM)).rejects.toMatchObject(lost);
});

test('verify names the first event that was changed', async () => {
  server.faults.show = (record) =>
    isOurs(record) && record.revision === 4 ? edited(record, '"n":1', '"n":7') : record;
  const source = await openLedgerSource(server.url);
  const { findings } = await verifyLedger(source);
  await source.close();
  expect(findings).toMatchObject([{ code: 'chain.wrong_hash', stream: STREAM, revision: 4 }]);
});

test('an event of another program in a stream of the ledger is named, and nothing is appended behind it', async () => {
  server.log.append(`netfold.${STREAM}`, 'any', [plain('OrderPlaced')]);
  const foreign = { code: 'store.foreign_event', message: expect.stringContaining('tailnet-a@6 (OrderPlaced)') };
  await expect(store.append(STREAM, 5, third)).rejects.toMatchObject(foreign);
  await expect(collect(store.readAll())).rejects.toMatchObject(foreign);
  expect(await store.subscribe({ after: undefined }, () => {}).closed).toMatchObject(foreign);
});

test('events and ledgers of a newer format are left to a newer netfold', async () => {
  server.faults.show = (record) => (isOurs(record) ? noted(record, { format: 2 }) : record);
  await expect(store.head(STREAM)).rejects.toMatchObject({ code: 'store.newer_format' });
  server.log.append('netfold:streams', 'any', [plain('StreamEntered', '{"stream":"x","format":2}')]);
  await expect(openKurrentEventStore(server.url)).rejects.toMatchObject({ code: 'store.newer_format' });
});

test('a server that does not tell positions is too old', async () => {
  server.faults.show = (record) => ({ ...record, position: 2 ** 63 });
  await expect(store.head(STREAM)).rejects.toMatchObject({ code: 'store.server_too_old' });
});

test('ledgers in one server keep to themselves', async () => {
  const other = await openKurrentEventStore(`${server.url}&ledger=lab`);
  expect(await other.streams()).toEqual([]);
  expect(await collect(other.readAll())).toEqual([]);
  await other.append(STREAM, -1, first);
  expect(await collect(other.readAll())).toHaveLength(3);
  expect(await collect(store.readAll())).toHaveLength(6);
  await other.close();
});
