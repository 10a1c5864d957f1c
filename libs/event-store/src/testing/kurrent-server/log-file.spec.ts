import { appendFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { temporaryFolder } from '../temporary-folder.js';
import { KurrentLog, plain } from './kurrent-log.js';
import { LogFile } from './log-file.js';

const fileIn = temporaryFolder();

test('a log is there again, but for an append that was cut off', () => {
  const file = new LogFile(fileIn('log'));
  const log = new KurrentLog(file);
  log.append('netfold.a', 'none', [plain('First'), plain('Second', '{"text":"ä"}')]);
  log.append('netfold.b', 'none', [plain('Other')]);
  file.close();
  appendFileSync(fileIn('log'), '[{"stream":"netfold.a","revision":2,');

  const again = new KurrentLog(new LogFile(fileIn('log')));
  expect(again.records.map((record) => ({ ...record, data: String(record.data) }))).toEqual(
    log.records
      .map((record) => ({ ...record, data: String(record.data) }))
      .map((record) => ({ ...record, custom: Buffer.from(record.custom) })),
  );
  const { last } = again.append('netfold.a', 1, [plain('Third')]) as { last: { revision: number; position: number } };
  expect(last.revision).toBe(2);
  expect(last.position).toBeGreaterThan(log.records.at(-1)?.position ?? 0);
});
