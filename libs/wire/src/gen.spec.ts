import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';

const ROOT = resolve(import.meta.dirname, '../../..');
let output = '';

beforeAll(() => {
  output = mkdtempSync(join(tmpdir(), 'netfold-gen-'));
});
afterAll(() => rmSync(output, { recursive: true }));

function buf(...words: string[]): string {
  const path = [join(ROOT, 'node_modules/.bin'), dirname(process.execPath), process.env.PATH].join(':');
  const { status, stdout, stderr } = spawnSync('buf', words, {
    cwd: join(ROOT, 'proto'),
    encoding: 'utf8',
    env: { ...process.env, PATH: path },
  });
  return status === 0 ? 'fine' : `${stdout}${stderr}`;
}

test('the protocol passes its linter', () => expect(buf('lint')).toBe('fine'));

test('the generated code is that of the protocol: npm run gen', () => {
  const template = {
    version: 'v2',
    plugins: [{ local: 'protoc-gen-es', out: output, opt: ['target=ts', 'import_extension=js'] }],
  };
  expect(buf('generate', '--template', JSON.stringify(template))).toBe('fine');
  const fresh = join(output, 'netfold/v1');
  const committed = join(import.meta.dirname, 'gen/netfold/v1');
  const files = readdirSync(fresh);
  expect(readdirSync(committed)).toEqual(files);
  for (const file of files) {
    expect(readFileSync(join(committed, file), 'utf8')).toBe(readFileSync(join(fresh, file), 'utf8'));
  }
});
