import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { readIssuers } from './issuer-options.js';

const CORP = { name: 'corp', issuer: 'https://idp.example.com', clientId: 'netfold' };

const SECRET_GONE = { issuers: [{ ...CORP, clientSecretFile: 'gone' }] };

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'netfold-issuers-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function read(content: unknown) {
  const file = join(folder, 'oidc.json');
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return readIssuers(file);
}

test('an issuer has sensible defaults, and its secret is read from beside the file', () => {
  writeFileSync(join(folder, 'secret'), 'hush\n');
  expect(read({ issuers: [{ ...CORP, clientSecretFile: 'secret' }] })).toEqual([
    {
      ...CORP,
      clientSecret: 'hush',
      scopes: ['openid', 'email', 'profile'],
      allowedDomains: [],
      loginClaim: 'email',
      requireAcr: [],
      requireAmr: [],
    },
  ]);
});

test('several issuers each speak for domains of their own', () => {
  const [a, b] = ['a.example', 'b.example'].map((domain) => ({
    ...CORP,
    name: domain.slice(0, 1),
    allowedDomains: [domain],
  }));
  expect(read({ issuers: [a, b] })).toHaveLength(2);
});

test.each([
  ['no JSON', '{', /JSON/],
  ['no issuers', { issuers: [] }, /issuers/],
  ['what it does not know', { issuers: [{ ...CORP, clientsecret: 'x' }] }, /clientsecret/],
  ['a secret in the file', { issuers: [{ ...CORP, clientSecret: 'x' }] }, /clientSecret/],
  ['no URL', { issuers: [{ ...CORP, issuer: 'idp' }] }, /issuer/],
  ['a name for no URL', { issuers: [{ ...CORP, name: 'Corp Inc' }] }, /lower-case/],
  ['one name twice', { issuers: [CORP, CORP] }, /two issuers are called corp/],
  [
    'an issuer for anybody beside another',
    { issuers: [CORP, { ...CORP, name: 'b', allowedDomains: ['b.example'] }] },
    /anybody/,
  ],
  [
    'two issuers for one domain',
    { issuers: ['a', 'b'].map((name) => ({ ...CORP, name, allowedDomains: ['x.example'] })) },
    /two issuers vouch for x\.example/,
  ],
  ['a secret that is not there', SECRET_GONE, /no such file/],
])('%s is refused, with the place', (_, content, message) => {
  expect(() => read(content)).toThrow(
    expect.objectContaining({
      code: 'oidc.bad_configuration',
      message: expect.stringMatching(message),
      where: join(folder, content === SECRET_GONE ? 'gone' : 'oidc.json'),
    }),
  );
});
