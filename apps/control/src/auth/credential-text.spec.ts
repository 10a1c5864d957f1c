import { expect, test } from '@jest/globals';
import { formatApiToken, formatAuthKey, parseApiToken, parseAuthKey } from './credential-text.js';

test('credentials survive being copied', () => {
  expect(parseAuthKey(` ${formatAuthKey('k1', 's3cret')}\n`)).toEqual({ keyId: 'k1', secret: 's3cret' });
  expect(parseApiToken(formatApiToken('t1', 'k1', 's'))).toEqual({ tailnetId: 't1', tokenId: 'k1', secret: 's' });
});

test.each(['', 'nfk', 'nfk_', 'nfk__s', 'nfk_k_', 'nfk_k_s_x', 'nfa_k_s', 'tskey-auth-k-s'])(
  '%p is no auth key',
  (text) => expect(parseAuthKey(text)).toBeUndefined(),
);

test.each(['', 'nfa_t_k', 'nfa_t_k_', 'nfa_t_k_s_x', 'nfk_t_k_s'])('%p is no API token', (text) =>
  expect(parseApiToken(text)).toBeUndefined(),
);
