import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { utf8 } from '#kernel';
import { StateDirectory } from './state-directory.js';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'netfold-state-'));
});
afterEach(() => rm(root, { recursive: true }));

const text = (bytes: Uint8Array | undefined) => bytes && Buffer.from(bytes).toString();

describe('a state directory', () => {
  test('keeps what was written, for its owner only', async () => {
    const directory = await StateDirectory.open(join(root, 'deep', 'state'));
    await directory.write('keys.json', utf8('secret'));
    const again = await StateDirectory.open(directory.path);
    expect(text(await again.read('keys.json'))).toBe('secret');
    expect((await stat(join(directory.path, 'keys.json'))).mode & 0o777).toBe(0o600);
    expect((await stat(directory.path)).mode & 0o777).toBe(0o700);
  });

  test('answers undefined for what is not there, also after removing it twice', async () => {
    const directory = await StateDirectory.open(root);
    expect(await directory.read('netmap')).toBeUndefined();
    await directory.write('netmap', utf8('x'));
    await directory.remove('netmap');
    await directory.remove('netmap');
    expect(await directory.read('netmap')).toBeUndefined();
  });

  test('the last of many writes at once is the one that stays, and no temporary file does', async () => {
    const directory = await StateDirectory.open(root);
    await Promise.all(Array.from({ length: 20 }, (_, i) => directory.write('netmap', utf8(`${i}`))));
    expect(text(await directory.read('netmap'))).toBe('19');
    expect(await readdir(root)).toEqual(['netmap']);
  });

  test('a failed write leaves the old file, no temporary one, and does not block the next', async () => {
    const directory = await StateDirectory.open(root);
    await directory.write('a', utf8('old'));
    const notBytes = {
      get length() {
        throw new Error('torn');
      },
    } as unknown as Uint8Array;
    await expect(directory.write('a', notBytes)).rejects.toThrow();
    expect(text(await directory.read('a'))).toBe('old');
    expect(await readdir(root)).toEqual(['a']);
    await directory.write('a', utf8('new'));
    expect(text(await directory.read('a'))).toBe('new');
  });

  test('what a crash left half written is cleared away', async () => {
    await writeFile(join(root, 'keys.1.0.tmp'), 'half');
    await StateDirectory.open(root);
    expect(await readdir(root)).toEqual([]);
  });

  test.each(['', '..', '../up', 'a/b', '.hidden', 'x.tmp'])('%p is refused as a name', async (name) => {
    const directory = await StateDirectory.open(root);
    await expect((async () => directory.write(name, utf8('')))()).rejects.toMatchObject({
      code: 'host.bad_state_name',
    });
  });

  test('a path that cannot be a folder is refused with what to do', async () => {
    await writeFile(join(root, 'file'), '');
    await expect(StateDirectory.open(join(root, 'file'))).rejects.toMatchObject({ code: 'host.state_directory' });
  });
});
