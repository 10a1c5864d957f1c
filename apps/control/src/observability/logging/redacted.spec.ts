import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { redacted } from './redacted.js';

const SECRET = 's3cr3tS3CR3T';

describe('nothing is left of', () => {
  test.each([
    `an auth key nfk_4tq1_${SECRET} in a message`,
    `an API token nfa_tailnet-1_id_${SECRET}`,
    `Authorization: Bearer ${SECRET}`,
    `{"url":"kurrentdb://netfold:${SECRET}@db.example.com:2113?tls=true"}`,
    `GET /login/once/${SECRET}`,
    `/login/home/callback?code=${SECRET}&state=1`,
    `/login/home/callback?state=${SECRET}`,
    `{"headers":{"cookie":"session=${SECRET}; a=b"}}`,
    `{"outer":{"presharedKey":"${SECRET}"}}`,
    JSON.stringify({ message: JSON.stringify({ clientSecret: SECRET, other: 1 }) }),
    `-----BEGIN PRIVATE KEY-----\\n${SECRET}\\n-----END PRIVATE KEY-----`,
    `cut off: -----BEGIN EC PRIVATE KEY-----\\n${SECRET}`,
  ])('%s', (line) => {
    expect(redacted(line)).not.toContain(SECRET);
    expect(redacted(line)).toContain('[redacted]');
  });
});

test.each([
  '{"level":30,"tailnet":"t1","revision":7,"requestId":"5a0c","msg":"a command was carried out"}',
  '{"httpUrl":"http://127.0.0.1:8080","grpcAddress":"[::1]:50443"}',
  '{"problem":{"code":"auth.bad_token","message":"the token is not known"}}',
])('%s stays as it is', (line) => expect(redacted(line)).toBe(line));

const awkward = fc.string({ unit: fc.constantFrom('"', '\\', ':', ',', 'x', '}', '\n', 'é'), minLength: 1 });

test('a line of JSON stays one, whatever a secret holds, and however deep it is', () =>
  fc.assert(
    fc.property(awkward, awkward, fc.nat(2), (secret, message, depth) => {
      let inner: unknown = { password: secret };
      for (let i = 0; i < depth; i++) inner = { text: JSON.stringify(inner) };
      let read = JSON.parse(redacted(JSON.stringify({ inner, msg: message, level: 30 })));
      expect(read).toMatchObject({ msg: message, level: 30 });
      read = read.inner;
      for (let i = 0; i < depth; i++) read = JSON.parse(read.text);
      expect(read.password).toBe('[redacted]');
    }),
    { numRuns: 300 },
  ));

test('a long line costs no more than its length', () => {
  const line = JSON.stringify({ msg: '"password":"\\'.repeat(20_000) });
  expect(redacted(line).length).toBeGreaterThan(0);
});
