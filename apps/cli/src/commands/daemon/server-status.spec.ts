import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { type RunningControl, startControl } from '../../../../control/src/index.js';
import { netfold } from '../../testing/fake-io.js';

const ANY_PORT = { host: '127.0.0.1', port: 0 };

let stateDir: string;
let control: RunningControl;
let token: string | undefined;

const start = () => startControl({ stateDir, http: ANY_PORT, grpc: ANY_PORT, logger: pino({ level: 'silent' }) });
const run = (...words: string[]) =>
  netfold(words, { env: { NETFOLD_SERVER: control.httpUrl, NETFOLD_TOKEN: token, XDG_CONFIG_HOME: stateDir } });

beforeEach(async () => {
  stateDir = mkdtempSync(join(tmpdir(), 'netfold-status-'));
  control = await start();
  token = control.adminToken;
});
afterEach(async () => {
  await control.close();
  rmSync(stateDir, { recursive: true });
});

test('netfold server status says that all is well, and for programs', async () => {
  const { code, stdout, stderr } = await run('server', 'status');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout.replace(/http:\S+|netfold \d\S+/g, '_').split('\n')).toEqual([
    'server   _ _',
    'network  goes on, at revision 3',
    expect.stringContaining('written as of release level 1; this server reads up to 1'),
    '',
  ]);
  expect(JSON.parse((await run('server', 'status', '--json')).stdout)).toMatchObject({ revision: 3, paused: null });
});

test('a network that stands still is told of by every command, and why by netfold server status', async () => {
  await run('settings', 'set', '--device-approval');
  await control.close();
  const intruder = new DatabaseSync(join(stateDir, 'ledger.db'));
  intruder.exec(`UPDATE events SET body = replace(body, 'true', 'false') WHERE revision = 4`);
  intruder.close();
  control = await start();

  const status = await run('server', 'status');
  expect(status.code).toBe(1);
  expect(status.stdout).toMatch(/^network +stands still after revision 3$/m);
  expect(status.stdout).toMatch(/^event +tailnet-\S+@4/m);
  expect(status.stdout).toMatch(/^reason +.* \(chain\.wrong_hash\)$/m);
  expect(status.stdout).toMatch(/^what to do +\S/m);

  const read = await run('settings', 'show');
  expect(read).toMatchObject({ code: 0, stdout: expect.stringContaining('take part at once') });
  expect(read.stderr).toMatch(
    /^# the network stands still at tailnet-\S+@4 chain\.wrong_hash: netfold server status\n$/,
  );
  const written = await run('settings', 'set', '--device-approval');
  expect(written.code).toBe(1);
  expect(written.stderr).toContain('the tailnet stands still after revision 3, before the event of revision 4');
});
