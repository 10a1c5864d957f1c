import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { get } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { credentials } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { CERTIFICATE, PRIVATE_KEY } from '#host/testing';
import { firstToken } from './bootstrap/first-token.js';
import type { ControlOptions } from './config/control-options.js';
import { type RunningControl, startControl } from './start-control.js';
import { TestAgent } from './testing/test-agent.js';

const ANY_PORT = { host: '127.0.0.1', port: 0 };

describe('startControl', () => {
  let directory = '';
  let running: RunningControl[] = [];

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'netfold-start-'));
  });

  afterEach(async () => {
    for (const control of running) await control.close();
    running = [];
    rmSync(directory, { recursive: true });
  });

  async function start(options: Partial<ControlOptions> = {}): Promise<RunningControl> {
    const logger = pino({ level: 'silent' });
    const control = await startControl({ stateDir: directory, http: ANY_PORT, grpc: ANY_PORT, logger, ...options });
    running.push(control);
    return control;
  }

  test('shows the first token once, and what it made is there the next time', async () => {
    const first = await start({ tailnet: { name: 'corp', ownerLogin: 'alice@example.com' } });
    expect(first.adminToken).toMatch(/^nfa_/);
    await first.close();
    const second = await start();
    expect(second).not.toHaveProperty('adminToken');
    expect(firstToken(directory)).toBe(first.adminToken);
    expect(() => firstToken(join(directory, 'elsewhere'))).toThrow(expect.objectContaining({ code: 'state.unusable' }));
    const headers = { authorization: `Bearer ${first.adminToken}` };
    const users = await fetch(`${second.httpUrl}/api/v1/tailnets/corp/users`, { headers });
    expect(await users.json()).toMatchObject({ revision: 3, users: [{ login: 'alice@example.com', role: 'owner' }] });
  });

  test('makes its state directory, for itself alone, wherever ledger and secret are', async () => {
    const secretFile = join(directory, 'secret');
    writeFileSync(secretFile, randomBytes(32), { mode: 0o600 });
    const store = join(directory, 'ledger.db');
    const stateDir = join(directory, 'new', 'state');
    await start({ stateDir, secretFile, store });
    expect(statSync(stateDir).mode & 0o777).toBe(0o700);
    const file = start({ stateDir: join(secretFile, 'state') });
    await expect(file).rejects.toMatchObject({ code: 'state.unusable', where: join(secretFile, 'state') });
  });

  test('serves people and agents over TLS', async () => {
    const tls = { certFile: join(directory, 'cert.pem'), keyFile: join(directory, 'key.pem') };
    writeFileSync(tls.certFile, CERTIFICATE);
    writeFileSync(tls.keyFile, PRIVATE_KEY);
    const { httpUrl, grpcAddress } = await start({ tls });
    const status = await new Promise((resolve, reject) => {
      get(`${httpUrl}/readyz`, { ca: CERTIFICATE, servername: 'localhost' }, (response) =>
        resolve(response.statusCode),
      ).on('error', reject);
    });
    expect([httpUrl.slice(0, 6), status]).toEqual(['https:', 200]);
    const agent = new TestAgent(
      grpcAddress.replace('127.0.0.1', 'localhost'),
      'laptop',
      credentials.createSsl(Buffer.from(CERTIFICATE)),
    );
    await expect(agent.register('nfk_a_b')).rejects.toMatchObject({ code: 'auth.bad_key' });
    await agent.close();
    const plain = new TestAgent(grpcAddress, 'laptop');
    await expect(plain.register('nfk_a_b')).rejects.toMatchObject({ code: 'control.unreachable' });
    await plain.close();
  });

  test.each(['http', 'grpc'] as const)('says that the %s port is taken, and leaves nothing behind', async (which) => {
    const other = mkdtempSync(join(tmpdir(), 'netfold-start-'));
    const { httpUrl, grpcAddress } = await start({ stateDir: other });
    const port = Number((which === 'http' ? httpUrl : grpcAddress).split(':').at(-1));
    const taken = { host: '127.0.0.1', port };
    await expect(start({ [which]: taken })).rejects.toMatchObject({
      code: 'control.cannot_listen',
      where: `127.0.0.1:${port}`,
    });
    await start(); // the ledger is free again
    rmSync(other, { recursive: true });
  });

  describe('with a ledger that somebody has changed', () => {
    /** Runs a server, has its file changed, and runs another. */
    async function startAfter(sql: string) {
      const { adminToken } = await start().then((first) => first.close().then(() => first));
      const intruder = new DatabaseSync(join(directory, 'ledger.db'));
      intruder.exec(sql);
      intruder.close();
      const lines: string[] = [];
      const logger = pino({ level: 'error' }, { write: (line) => void lines.push(line) });
      const { httpUrl } = await start({ logger });
      const answer = async (path: string, method = 'GET') => {
        const headers = { authorization: `Bearer ${adminToken}` };
        const response = await fetch(httpUrl + path, { method, headers });
        const body = (await response.json()) as Record<string, unknown>;
        return { status: response.status, paused: response.headers.get('netfold-paused'), body };
      };
      return { lines, answer };
    }

    test('stands still before an event that is not what its hash says, and says so', async () => {
      const { lines, answer } = await startAfter(
        `UPDATE events SET body = replace(body, 'first start', 'second start') WHERE revision = 3`,
      );
      expect(lines.join()).toContain('tailnet.paused');
      expect(await answer('/readyz')).toMatchObject({ status: 200, body: { status: 'ready', paused: 1 } });
      // The token is in what cannot be read.
      expect(await answer('/api/v1/tailnets/-/nodes')).toMatchObject({ status: 503, body: { code: 'tailnet.paused' } });
    });

    test('serves what comes before that, and refuses to write', async () => {
      const { answer } = await startAfter(`
        INSERT INTO events (position, stream, revision, hash, body)
          SELECT position + 1, stream, revision + 1, hash, body FROM events WHERE revision = 3;
        UPDATE heads SET revision = 4`);
      expect(await answer('/api/v1/tailnets/-/nodes')).toMatchObject({
        status: 200,
        paused: expect.stringMatching(/^tailnet-\S+@4 chain\.wrong_/),
        body: { revision: 3 },
      });
      expect(await answer('/api/v1/tailnets/-/nodes/x', 'DELETE')).toMatchObject({
        status: 503,
        body: {
          code: 'tailnet.paused',
          where: expect.stringMatching(/@4$/),
          details: { revision: 3, reason: { code: expect.stringMatching(/^chain\./) } },
        },
      });
    });

    test('says so when its end is gone', async () => {
      const { lines } = await startAfter(`
        DELETE FROM events WHERE revision > 1;
        UPDATE heads SET revision = 1, hash = (SELECT hash FROM events WHERE revision = 1)`);
      expect(lines.join()).toContain('it had 4 events then, now 2');
    });

    test('says nothing of one that goes on', async () => expect((await startAfter('')).lines).toEqual([]));
  });

  test('does not open a ledger that another server has open', async () => {
    await start();
    await expect(start()).rejects.toMatchObject({ code: 'store.locked' });
  });

  test('does not listen to other machines without a certificate', async () => {
    await expect(start({ http: { host: '0.0.0.0', port: 0 } })).rejects.toMatchObject({ code: 'control.tls_needed' });
  });
});
