import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { readUnit } from '../install/unit-file.js';
import { optionsOf } from './server-options.js';

const FOLDER = 'infra/systemd';
const read = (file: string): string => readFileSync(join(FOLDER, file), 'utf8');

/** What the program itself reads of its environment. */
const program = readFileSync('apps/cli/src/commands/daemon/server.ts', 'utf8');

describe.each(readdirSync(FOLDER))('%s', (file) => {
  const command = file.startsWith('netfold-agent') ? 'agent' : 'server';

  it('names no option that netfold does not have', () => {
    const known = [...optionsOf(command).keys(), '--enable-source-maps', '--disable-warning', '--replica'];
    for (const [, option] of read(file).matchAll(/(?<![\w-])(--[a-z][a-z-]*)/g)) expect(known).toContain(option);
  });

  it('sets no variable that nobody reads', () => {
    const start = read(`netfold-${command}.service`);
    for (const [, name = ''] of read(file).matchAll(/\b(NETFOLD_\w+)/g))
      expect([name, start.includes(`$${name}`) || program.includes(`env.${name}`)]).toEqual([name, true]);
  });
});

describe('netfold-server-replica.conf', () => {
  const unit = readUnit(read('netfold-server-replica.conf'));

  it('has every file that its options name', () => {
    const ids = (unit.get('Service.LoadCredential') ?? []).map((value) => value.split(':')[0]);
    const text = read('netfold-server-replica.conf');
    const named = [...text.matchAll(/(?:%d|\/run\/credentials\/netfold-server\.service)\/([\w.-]+)/g)].map(
      ([, id]) => id,
    );
    expect(new Set(named)).toEqual(new Set(ids));
    const installer = readFileSync('infra/install.sh', 'utf8');
    expect(installer).toContain(`for file in ${ids.join(' ')}; do`);
  });

  const systemd = spawnSync('systemd-analyze', ['--version']).status === 0;
  (systemd ? it : it.skip)('is understood by systemd, beside the unit', () => {
    const folder = mkdtempSync(join(tmpdir(), 'netfold-unit-'));
    const file = join(folder, 'netfold-server.service');
    const text = read('netfold-server.service');
    writeFileSync(file, text.replace('@NODE@', process.execPath).replace('@PACKAGE@', process.cwd()));
    mkdirSync(`${file}.d`);
    writeFileSync(`${file}.d/replica.conf`, read('netfold-server-replica.conf'));
    const { stdout, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', file], { encoding: 'utf8' });
    expect(`${stdout}${stderr}`).not.toContain('netfold-server');
    rmSync(folder, { recursive: true });
  });
});
