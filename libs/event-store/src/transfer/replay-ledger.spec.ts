import { copyFileSync, existsSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { NetfoldError } from '#kernel';
import { memoryEventStore } from '../memory/memory-event-store.js';
import { openSqliteEventStore } from '../sqlite/sqlite-event-store.js';
import { collect } from '../testing/fixtures.js';
import { appendInterleaved, type Interleaving } from '../testing/interleaved.js';
import { temporaryFolder } from '../testing/temporary-folder.js';
import { LineWriter } from './json-lines/line-writer.js';
import type { LedgerRow, LedgerTarget } from './ledger-ports.js';
import { openLedgerSource, openLedgerTarget } from './open-ledger.js';
import { replayLedger } from './replay-ledger.js';
import { StoreLedger } from './store-ledger.js';

const fileIn = temporaryFolder();

const APPENDS: Interleaving = [
  ['directory', 2],
  ['tailnet-a', 300],
  ['tailnet-b', 7],
  ['tailnet-a', 400],
  ['directory', 1],
  ['tailnet-b', 600],
];
const EVENTS = 1_310;
const SMALL: Interleaving = [
  ['directory', 2],
  ['tailnet-a', 30],
];

async function ledgerAt(name: string, appends = APPENDS, flavour = ''): Promise<string> {
  const store = openSqliteEventStore(fileIn(name));
  await appendInterleaved(store, appends, flavour);
  await store.close();
  return fileIn(name);
}

/** Everything of a ledger that a copy must keep. */
async function contentOf(url: string) {
  const source = await openLedgerSource(url);
  const rows = (await collect(source.rows())).map(({ stream, revision, hash, body }) => ({
    stream,
    revision,
    hash,
    body,
  }));
  await source.close();
  return rows;
}

async function replay(from: string, to: string, change: (target: LedgerTarget) => LedgerTarget = (same) => same) {
  const source = await openLedgerSource(from);
  const target = await openLedgerTarget(to);
  try {
    return await replayLedger(source, change(target));
  } finally {
    await source.close();
    await target.close();
  }
}

/** Fails once so many batches are written. */
function failing(target: LedgerTarget, batches: number): LedgerTarget {
  let left = batches;
  return {
    name: target.name,
    heads: () => target.heads(),
    append: async (rows: readonly LedgerRow[]) => {
      if (left-- <= 0) throw new Error('power failure');
      await target.append(rows);
    },
    finish: () => target.finish(),
    close: () => target.close(),
  };
}

describe('a copy of a ledger', () => {
  test('is the same bit for bit, from file to export to file', async () => {
    const original = await ledgerAt('ledger.db');
    expect(await replay(original, fileIn('export.jsonl'))).toMatchObject({ events: EVENTS, copied: EVENTS });
    expect(await replay(fileIn('export.jsonl'), fileIn('copy.db'))).toMatchObject({ events: EVENTS, copied: EVENTS });
    await replay(`sqlite:${fileIn('copy.db')}`, fileIn('again.jsonl'));
    expect(await contentOf(fileIn('copy.db'))).toEqual(await contentOf(original));
    expect(readFileSync(fileIn('again.jsonl'))).toEqual(readFileSync(fileIn('export.jsonl')));
    expect(statSync(fileIn('export.jsonl')).mode & 0o777).toBe(0o600);
    expect(existsSync(fileIn('export.jsonl.partial'))).toBe(false);
  });

  test('of any store, in any order of appends, is read again as it was', async () => {
    const append = fc.tuple(fc.constantFrom('directory', 'tailnet-a', 'tailnet-b'), fc.integer({ min: 1, max: 5 }));
    await fc.assert(
      fc.asyncProperty(fc.array(append, { maxLength: 12 }), async (appends) => {
        const [from, to] = [memoryEventStore(), memoryEventStore()];
        await appendInterleaved(from, appends);
        await replayLedger(new StoreLedger('from', from), new StoreLedger('to', to));
        expect(await collect(to.readAll())).toEqual(await collect(from.readAll()));
        let text = '';
        const writer = new LineWriter('text', async (more) => {
          text += more;
        });
        await replayLedger(new StoreLedger('to', to), writer);
        writeFileSync(fileIn('text.jsonl'), text);
        expect(await contentOf(fileIn('text.jsonl'))).toHaveLength((await collect(from.readAll())).length);
      }),
      { numRuns: 15 },
    );
  });

  test.each(['copy.db', 'copy.jsonl'])('%s goes on where it was cut off, and with what came since', async (name) => {
    const original = await ledgerAt('ledger.db');
    for (const batches of [0, 1, 1]) {
      await expect(replay(original, fileIn(name), (target) => failing(target, batches))).rejects.toThrow('power');
      expect(existsSync(fileIn('copy.jsonl'))).toBe(false);
    }
    const { copied } = await replay(original, fileIn(name));
    expect(copied).toBeLessThan(EVENTS);
    expect(await contentOf(fileIn(name))).toEqual(await contentOf(original));

    const longer = await ledgerAt('longer.db', [...APPENDS, ['tailnet-a', 5]]);
    expect(await replay(longer, fileIn(name))).toMatchObject({ copied: 5 });
    expect(await replay(longer, fileIn(name))).toMatchObject({ copied: 0 });
    expect(await contentOf(fileIn(name))).toEqual(await contentOf(longer));
  });

  test('an export goes on behind the last whole line that a crash left', async () => {
    const original = await ledgerAt('ledger.db', SMALL);
    await replay(original, fileIn('whole.jsonl'));
    const { size } = statSync(fileIn('whole.jsonl'));
    const header = '{"format":"netfold-ledger","version":1}'.length;
    for (const length of [0, 7, header, header + 1, header + 2, 5_000, 5_001, size - 200, size - 1]) {
      copyFileSync(fileIn('whole.jsonl'), fileIn('export.jsonl.partial'));
      truncateSync(fileIn('export.jsonl.partial'), length);
      await replay(original, fileIn('export.jsonl'));
      expect(readFileSync(fileIn('export.jsonl'))).toEqual(readFileSync(fileIn('whole.jsonl')));
    }
  });

  test('is not begun onto another content, nor on a longer one', async () => {
    const original = await ledgerAt('ledger.db', SMALL);
    const targets = [
      await ledgerAt('other.db', SMALL, 'other'),
      await ledgerAt('other-order.db', [['tailnet-a', 10]]),
      await ledgerAt('other-stream.db', [['tailnet-c', 2]]),
      await ledgerAt('longer.db', [...SMALL, ['tailnet-a', 5]]),
    ];
    for (const target of targets) {
      const before = await contentOf(target);
      await expect(replay(original, target)).rejects.toMatchObject({ code: 'replay.other_content', where: target });
      expect(await contentOf(target)).toEqual(before);
    }
  });

  test('stops between two batches when it is asked to', async () => {
    const source = await openLedgerSource(await ledgerAt('ledger.db'));
    const target = new StoreLedger('copy', memoryEventStore());
    const stop = new AbortController();
    const options = { signal: stop.signal, progress: () => stop.abort() };
    await expect(replayLedger(source, target, options)).rejects.toMatchObject({ code: 'replay.interrupted' });
    expect(await target.count()).toBe(512);
    expect(await replayLedger(source, target)).toMatchObject({ copied: EVENTS - 512 });
    await source.close();
    await target.close();
  });
});

describe('an export that is damaged', () => {
  test('anywhere is refused with a code and the place', async () => {
    await replay(
      await ledgerAt('ledger.db', [
        ['directory', 1],
        ['tailnet-a', 6],
      ]),
      fileIn('export.jsonl'),
    );
    const good = readFileSync(fileIn('export.jsonl'));
    const refusal = async (bytes: Uint8Array): Promise<NetfoldError> => {
      writeFileSync(fileIn('bad.jsonl'), bytes);
      const error: unknown = await replay(fileIn('bad.jsonl'), fileIn('never.jsonl')).catch((thrown) => thrown);
      if (error instanceof NetfoldError) return error;
      throw new Error(`${JSON.stringify(good.toString().slice(0, 80))} was taken`);
    };
    await fc.assert(
      fc.asyncProperty(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }), async (at, difference) => {
        const changed = Buffer.from(good);
        changed[at] = (changed[at] ?? 0) ^ difference;
        expect((await refusal(changed)).code).toMatch(/^(export|chain)\./);
        expect((await refusal(good.subarray(0, at))).code).toMatch(/^export\./);
        expect(existsSync(fileIn('never.jsonl'))).toBe(false);
      }),
      { numRuns: 60 },
    );
    const lines = good.toString().split('\n');
    const without = (line: number) => Buffer.from(lines.toSpliced(line - 1, 1).join('\n'));
    expect(await refusal(without(4))).toMatchObject({
      code: 'chain.wrong_revision',
      where: expect.stringMatching(/^tailnet-a@1, .*bad\.jsonl:4$/),
    });
    expect(await refusal(without(8))).toMatchObject({ code: 'export.wrong_end' });
    expect(await refusal(without(9))).toMatchObject({ code: 'export.cut_off', where: `${fileIn('bad.jsonl')}:9` });
    expect(await refusal(without(1))).toMatchObject({ code: 'export.not_an_export' });
    expect(await refusal(Buffer.from(`${good}${lines[3]}\n`))).toMatchObject({ code: 'export.bad_line' });
    expect(await refusal(Buffer.from(good.toString().replace('"version":1', '"version":2')))).toMatchObject({
      code: 'export.newer_format',
    });
  });
});

test.each([
  ['mysql://localhost', 'ledger.unknown_scheme'],
  ['/nowhere/ledger.db', 'store.no_such_ledger'],
  ['/nowhere/export.jsonl', 'store.no_such_ledger'],
  [import.meta.filename, 'store.corrupt'],
])('%s is no ledger', async (url, code) => {
  await expect(openLedgerSource(url)).rejects.toMatchObject({ code });
});
