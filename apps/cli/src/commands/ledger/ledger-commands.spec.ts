import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { NobleCrypto } from '#crypto';
import { ledgerHasher, ledgerLeaf } from '#event-store';
import { fromBase64 } from '#kernel';
import { isIncluded, openCheckpoint, parseVerifierKey } from '#merkle';
import { type RunningControl, startControl } from '../../../../control/src/index.js';
import { netfold as run } from '../../testing/fake-io.js';

// The ledger's command line against a real control plane and its file.

const ANY_PORT = { host: '127.0.0.1', port: 0 };

let folder: string;
let control: RunningControl;
let env: Record<string, string>;
let store: string;
let key: string;
const fileIn = (name: string) => join(folder, name);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'netfold-ledger-'));
  await start();
  env = { NETFOLD_TOKEN: control.adminToken ?? '', XDG_CONFIG_HOME: folder, NETFOLD_SERVER: control.httpUrl };
  store = fileIn('server/ledger.db');
  key = (await netfold(['checkpoint', '--key'])).stdout.trim();
});
afterAll(async () => {
  await control.close();
  await rm(folder, { recursive: true });
});

async function start(http = ANY_PORT): Promise<void> {
  const logger = pino({ level: 'silent' });
  control = await startControl({ stateDir: fileIn('server'), http, grpc: ANY_PORT, logger });
}

const netfold = (words: readonly string[]) => run(words, { env });
const json = async <T>(words: readonly string[]): Promise<T> =>
  JSON.parse((await netfold([...words, '--json'])).stdout) as T;
const addUser = (login: string) => netfold(['user', 'add', login, '--role', 'member']);

/** A copy of the server's ledger that somebody has changed. */
async function tampered(name: string, sql: string): Promise<string> {
  await netfold(['replay', '--from', store, '--to', fileIn(name)]);
  const database = new DatabaseSync(fileIn(name));
  database.exec(sql);
  database.close();
  return fileIn(name);
}

async function checkpointFile(name: string): Promise<string> {
  await writeFile(fileIn(name), (await netfold(['checkpoint'])).stdout);
  return fileIn(name);
}

describe('netfold checkpoint', () => {
  it('prints what the server signs, its key, and proofs that stand by themselves', async () => {
    const crypto = new NobleCrypto();
    const trusted = parseVerifierKey(crypto, key);
    const { stdout } = await netfold(['checkpoint']);
    const { origin, size } = openCheckpoint(crypto, stdout, trusted);
    expect(await json(['checkpoint'])).toMatchObject({ origin, size, note: stdout });

    const proof = (await netfold(['checkpoint', '--prove', '2'])).stdout;
    const [head = '', note = ''] = proof.split(/\n\n(?=netfold\/)/);
    const [format, index, ...hashes] = head.split('\n');
    expect([format, index]).toEqual(['c2sp.org/tlog-proof@v1', 'index 2']);
    const { events } = await json<{ events: { hash: string }[] }>(['log']);
    const leaf = ledgerLeaf(events[2]?.hash ?? '');
    const path = hashes.map((hash) => fromBase64(hash) ?? new Uint8Array());
    expect(isIncluded(ledgerHasher, { index: 2, leaf, proof: path }, openCheckpoint(crypto, note, trusted))).toBe(true);
  });
});

describe('netfold verify --store', () => {
  it('finds nothing wrong with a ledger in use, and says what only a checkpoint would tell', async () => {
    const { code, stdout } = await netfold(['verify', '--store', store]);
    expect([code, stdout]).toEqual([
      0,
      expect.stringMatching(/Every hash of \d+ events is right\.\nNo checkpoint was given/),
    ]);
    const file = await checkpointFile('now.txt');
    await addUser('later@example.com');
    const known = await netfold(['verify', '--store', store, '--checkpoint', file, '--key', key]);
    expect(known).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/tailnet-\w+ +\d+ +\w+ +the first \d+ as signed/),
    });
  });

  it.each([
    ['edited', `UPDATE events SET body = replace(body, '"version"', '"verfion"') WHERE revision = 2`, 2, 'wrong_hash'],
    ['deleted', 'DELETE FROM events WHERE revision = 2', 2, 'wrong_revision'],
    [
      'reordered',
      `UPDATE events SET revision = 99 WHERE revision = 2; UPDATE events SET revision = 2 WHERE revision = 3;
       UPDATE events SET revision = 3 WHERE revision = 99`,
      2,
      'wrong_revision',
    ],
    ['truncated', 'DELETE FROM events WHERE revision > 2', 3, 'truncated'],
  ])('names the first wrong event of a ledger that was %s', async (name, sql, revision, code) => {
    const file = await tampered(`${name}.db`, sql);
    const { stderr, ...rest } = await netfold(['verify', '--store', file]);
    expect([rest.code, stderr]).toEqual([
      1,
      expect.stringMatching(new RegExp(`^netfold: .*\\(tailnet-\\w+@${revision}\\)`)),
    ]);
    const report = await json<{ ok: boolean; findings: object[] }>(['verify', '--store', file]);
    expect(report).toMatchObject({ ok: false, findings: [{ code: `chain.${code}`, revision }] });
  });

  it('finds by a checkpoint an end that was cut off cleanly', async () => {
    const file = await checkpointFile('before-the-cut.txt');
    const cut = await tampered(
      'cut.db',
      `DELETE FROM events WHERE revision > 2;
       UPDATE heads SET (revision, hash) = (SELECT revision, hash FROM events WHERE revision = 2)`,
    );
    expect(await netfold(['verify', '--store', cut])).toMatchObject({ code: 0 });
    const found = await netfold(['verify', '--store', cut, '--checkpoint', file, '--key', key]);
    expect(found).toMatchObject({ code: 1, stderr: expect.stringContaining('everything after revision 2 is gone') });
  });

  it('takes no checkpoint on trust', async () => {
    const file = await checkpointFile('good.txt');
    const verify = (...more: string[]) => netfold(['verify', '--store', store, ...more]);
    await writeFile(fileIn('bad.txt'), (await readFile(file, 'utf8')).replace(/\n(\d+)\n/, '\n1$1\n'));
    await writeFile(fileIn('key.txt'), `${key}\n`);
    expect(await verify('--checkpoint', file, '--key', fileIn('key.txt'))).toMatchObject({ code: 0 });
    expect((await verify('--checkpoint', file)).stderr).toContain('proves nothing without the key');
    expect((await verify('--checkpoint', fileIn('bad.txt'), '--key', key)).stderr).toContain('is not for this text');
    expect((await verify('--checkpoint', store, '--key', key)).code).toBe(1);
    expect((await verify('--key', `${key}x`)).stderr).toContain('is no verifier key');
    expect((await verify('--key', fileIn('nowhere.txt'))).stderr).toContain('cannot be read');
  });
});

describe('netfold verify', () => {
  it('has the server prove each time that its ledger continues the one before, and finds out when it does not', async () => {
    expect((await netfold(['verify'])).stdout).toContain('It is remembered from now on');
    await addUser('another@example.com');
    expect((await netfold(['verify'])).stdout).toMatch(/They continue the \d+ that it had/);
    const old = await checkpointFile('old.txt');
    const backup = fileIn('backup.db');
    await netfold(['replay', '--from', store, '--to', backup]);
    await addUser('lost@example.com');
    expect(await netfold(['verify', '--checkpoint', old, '--key', key])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('continue the checkpoint given'),
    });

    const { port } = new URL(control.httpUrl);
    await control.close();
    await rm(store);
    await copyFile(backup, store);
    await start({ host: '127.0.0.1', port: Number(port) });
    expect(await netfold(['verify'])).toMatchObject({ code: 1, stderr: expect.stringContaining('was rolled back') });
    for (const login of ['new@example.com', 'newer@example.com']) await addUser(login);
    expect(await netfold(['verify'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('history was rewritten'),
    });
  });
});

describe('netfold export, import and replay', () => {
  it('carry a ledger over bit for bit, and say so', async () => {
    expect(await netfold(['export', '--store', store, '--to', fileIn('all.jsonl')])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^Copied \d+ events of 1 stream; every hash is right\.\n$/),
    });
    const { stdout } = await netfold(['export', '--store', store]);
    expect(stdout).toBe(await readFile(fileIn('all.jsonl'), 'utf8'));
    expect(await netfold(['import', fileIn('all.jsonl'), '--to', fileIn('imported.db')])).toMatchObject({ code: 0 });
    const again = await netfold(['import', fileIn('all.jsonl'), '--to', fileIn('imported.db')]);
    expect(again.stdout).toMatch(/^Copied 0 events .*\n\d+ were there already\.\n$/);
    expect((await netfold(['export', '--store', fileIn('imported.db')])).stdout).toBe(stdout);
  });

  it('import nothing of an export that is damaged anywhere', async () => {
    const good = (await netfold(['export', '--store', store])).stdout;
    const lines = good.split('\n');
    const garbled = lines.with(4, lines[4]?.replace('"type"', '"tyqe"') ?? '').join('\n');
    for (const [text, where] of [
      [garbled, ':5'],
      [lines.slice(0, -2).join('\n'), `:${lines.length - 2}`],
    ] as const) {
      await writeFile(fileIn('damaged.jsonl'), text);
      const { code, stderr } = await netfold(['import', fileIn('damaged.jsonl'), '--to', fileIn('nothing.db')]);
      expect([code, stderr]).toEqual([1, expect.stringContaining(`damaged.jsonl${where})`)]);
      expect((await netfold(['verify', '--store', fileIn('nothing.db')])).stderr).toContain('there is no ledger');
    }
  });

  it('refuse a ledger that is in use, of another kind, or the same', async () => {
    const refusals = [
      [['import', fileIn('all.jsonl'), '--to', store], 'another process writes'],
      [['replay', '--from', store, '--to', store], 'onto itself'],
      [['replay', '--from', store, '--to', 'mysql://db'], 'no kind of ledger'],
      [['replay', '--from', fileIn('nowhere.db'), '--to', fileIn('x.db')], 'there is no ledger'],
    ] as const;
    for (const [words, message] of refusals) {
      expect(await netfold(words)).toMatchObject({ code: 1, stderr: expect.stringContaining(message) });
    }
  });
});
