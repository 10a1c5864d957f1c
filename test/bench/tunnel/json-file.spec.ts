import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { JsonFile } from './json-file.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'netfold-bench-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('a file that cannot be written is refused when it is opened, before anything is measured', () => {
  for (const path of [folder, join(folder, 'nowhere', 'result.json')]) {
    expect(() => JsonFile.open(path)).toThrow(expect.objectContaining({ code: 'bench.cannot_write' }));
  }
});

test('what is written is a document', () => {
  const path = join(folder, 'result.json');
  JsonFile.open(path).write({ benchmark: 'tunnel' });
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({ benchmark: 'tunnel' });
});
