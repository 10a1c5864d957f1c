import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Io } from '../output/io.js';
import { AdminClient } from './admin-client.js';
import { seenWith } from './seen-revisions.js';

describe('what the CLI has seen', () => {
  let home: string;
  let io: Io;
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'netfold-seen-'));
    io = { env: {}, home } as unknown as Io;
  });
  afterEach(() => rmSync(home, { recursive: true }));

  it('is kept by token, without the token', () => {
    seenWith(io, 'nfa_secret').note(7);
    seenWith(io, 'nfa_other').note(3);
    expect([seenWith(io, 'nfa_secret').newest, seenWith(io, 'nfa_other').newest]).toEqual([7, 3]);
    expect(seenWith(io, 'nfa_third').newest).toBe(-1);
    expect(readFileSync(join(home, '.config/netfold/seen-revisions.json'), 'utf8')).not.toContain('secret');
    seenWith(io, 'nfa_secret').note(-1);
    expect(seenWith(io, 'nfa_secret').newest).toBe(-1);
  });

  it('does not grow for ever, and does without a file', () => {
    for (let i = 0; i < 100; i++) seenWith(io, `token ${i}`).note(i);
    expect(seenWith(io, 'token 99').newest).toBe(99);
    expect(seenWith(io, 'token 0').newest).toBe(-1);
    writeFileSync(join(home, 'file'), '');
    const nowhere = { env: { XDG_CONFIG_HOME: join(home, 'file') }, home } as unknown as Io;
    seenWith(nowhere, 'token').note(1);
    expect(seenWith(nowhere, 'token').newest).toBe(-1);
  });

  it('is asked for again, at any server, and forgotten when the ledger has no such revision', async () => {
    const asked: (string | undefined)[] = [];
    let newest = 9;
    const server = createServer((request, response) => {
      const least = request.headers['netfold-min-revision'];
      asked.push(typeof least === 'string' ? least : undefined);
      const there = Number(least ?? -1) <= newest;
      response.writeHead(there ? 200 : 400, { 'netfold-revision': String(newest) });
      response.end(JSON.stringify(there ? {} : { code: 'http.no_such_revision', title: 'none' }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const client = () => new AdminClient({ server: url, token: 't' }, {}, undefined, seenWith(io, 't'));
    await client().call('GET /nodes');
    await client().call('GET /nodes');
    newest = 4;
    await client().call('GET /nodes');
    await client().call('GET /nodes');
    expect(asked).toEqual([undefined, '9', '9', undefined, '4']);
    server.closeAllConnections();
    server.close();
  });
});
