import { writeFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { afterEach, describe, expect, test } from '@jest/globals';
import { CERTIFICATE, PRIVATE_KEY } from '#host/testing';
import { KurrentServer } from '../testing/kurrent-server/kurrent-server.js';
import { temporaryFolder } from '../testing/temporary-folder.js';
import { parseKurrentUrl } from './kurrent-address.js';
import { openKurrentEventStore } from './open-kurrent-event-store.js';

const fileIn = temporaryFolder();
const PASSWORD = 'c0rrect/h:rse@';

describe('parseKurrentUrl', () => {
  test('reads one host, several, and a cluster behind a name', () => {
    expect(parseKurrentUrl('kurrentdb://db?tls=false')).toEqual({
      name: 'kurrentdb://db:2113?ledger=netfold',
      hosts: [{ address: 'db', port: 2113 }],
      discover: false,
      ledger: 'netfold',
      deadline: 5_000,
    });
    expect(parseKurrentUrl('esdb://a:1,b:2,[::1]:3/?TLS=true&ledger=lab&defaultDeadline=70')).toEqual({
      name: 'kurrentdb://a:1,b:2,[::1]:3?ledger=lab',
      hosts: [
        { address: 'a', port: 1 },
        { address: 'b', port: 2 },
        { address: '[::1]', port: 3 },
      ],
      discover: false,
      ledger: 'lab',
      tls: {},
      deadline: 70,
    });
    expect(parseKurrentUrl('kurrentdb+discover://db.example.com')).toMatchObject({
      name: 'kurrentdb+discover://db.example.com:2113?ledger=netfold',
      discover: true,
    });
  });

  test('keeps user and password out of the name', () => {
    const address = parseKurrentUrl(`kurrentdb://admin:${encodeURIComponent(PASSWORD)}@db`);
    expect(address).toMatchObject({ user: { username: 'admin', password: PASSWORD } });
    expect(address.name).toBe('kurrentdb://db:2113?ledger=netfold');
    writeFileSync(fileIn('password'), `${PASSWORD}\n`);
    expect(parseKurrentUrl(`kurrentdb://admin@db?passwordFile=${fileIn('password')}`)).toMatchObject({
      user: { username: 'admin', password: PASSWORD },
    });
  });

  test.each([
    'kurrentdb://',
    'kurrentdb://secret:word@',
    'kurrentdb://admin:secret@db:port',
    'kurrentdb://admin:secret%@db',
    'kurrentdb://admin@db?x=secret',
    'kurrentdb://secret@db',
    'kurrentdb://admin:secret@db?ledger=Secret',
    'kurrentdb://admin:secret@db?defaultDeadline=0',
    'kurrentdb://admin:secret@db?tlsVerifyCert=false',
    'kurrentdb://admin:secret@db?userKeyFile=secret',
  ])('refuses %p and does not repeat it', (url) => {
    const refused = expect.objectContaining({ code: 'store.bad_url' });
    expect(() => parseKurrentUrl(url)).toThrow(refused);
    try {
      parseKurrentUrl(url);
    } catch (error) {
      expect(inspect(error, { depth: 9 }).replace(/\n +at .*/g, '')).not.toMatch(/secret/i);
    }
  });

  test('names a file that cannot be read', () => {
    expect(() => parseKurrentUrl('kurrentdb://db?tlsCaFile=/nowhere/ca.pem')).toThrow(
      expect.objectContaining({ code: 'store.cannot_read', where: '/nowhere/ca.pem' }),
    );
  });
});

describe('with TLS', () => {
  let server: KurrentServer | undefined;
  afterEach(() => server?.stop());

  async function start(): Promise<(password: string) => string> {
    const tls = { cert_chain: Buffer.from(CERTIFICATE), private_key: Buffer.from(PRIVATE_KEY) };
    const authorization = `Basic ${Buffer.from(`admin:${PASSWORD}`).toString('base64')}`;
    server = await KurrentServer.start({ tls, authorization });
    const { port } = server;
    writeFileSync(fileIn('ca.pem'), CERTIFICATE);
    return (password) =>
      `kurrentdb://admin:${encodeURIComponent(password)}@localhost:${port}?tlsCaFile=${fileIn('ca.pem')}`;
  }

  test('the user is let in', async () => {
    const url = await start();
    const store = await openKurrentEventStore(url(PASSWORD));
    expect(await store.streams()).toEqual([]);
    await store.close();
  });

  test('another password is refused at once, also by who would wait, and not told', async () => {
    const url = await start();
    const refusal = await openKurrentEventStore(url('wr0ng'), { wait: new AbortController().signal }).catch(
      (error: unknown) => error,
    );
    expect(refusal).toMatchObject({ code: 'store.access_denied' });
    expect(inspect(refusal, { depth: 9 })).not.toContain('wr0ng');
    expect(inspect(refusal, { depth: 9 })).not.toContain(Buffer.from('admin:wr0ng').toString('base64'));
  });

  test('a certificate of an unknown authority, or none at all, is no connection', async () => {
    const url = await start();
    const unknown = url(PASSWORD).replace(/\?.*/, '?defaultDeadline=500');
    await expect(openKurrentEventStore(unknown)).rejects.toMatchObject({
      code: expect.stringMatching(/unreachable|stalled/),
    });
    await expect(
      openKurrentEventStore(url(PASSWORD).replace(/\?.*/, '?tls=false&defaultDeadline=500')),
    ).rejects.toMatchObject({
      code: expect.stringMatching(/unreachable|stalled/),
    });
  });
});
