import { expect, test } from '@jest/globals';
import { loadTls } from './tls-files.js';

const at = (host: string) => [{ host, port: 8080 }];

test.each(['127.0.0.1', '127.8.8.8', '::1', 'localhost'])('%s needs no certificate', (host) =>
  expect(loadTls(undefined, at(host))).toBeUndefined(),
);

test.each(['0.0.0.0', '::', '192.0.2.7', 'netfold.example.com', '127.0.0.1.example.com'])('%s needs one', (host) =>
  expect(() => loadTls(undefined, [...at('127.0.0.1'), ...at(host)])).toThrow(
    expect.objectContaining({ code: 'control.tls_needed', where: `${host}:8080`, hint: expect.any(String) }),
  ),
);

test('a certificate that is not there is said to be missing', () =>
  expect(() => loadTls({ certFile: '/no/such/cert.pem', keyFile: '/no/such/key.pem' }, at('0.0.0.0'))).toThrow(
    expect.objectContaining({ code: 'control.tls_unreadable', where: '--tls-cert' }),
  ));
