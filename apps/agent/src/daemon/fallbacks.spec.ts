import { describe, expect, it } from '@jest/globals';
import type { DataPathFeatures } from '#dataplane';
import { fallbacksOf } from './fallbacks.js';

const best: DataPathFeatures = {
  kind: 'worker',
  crypto: 'openssl-primitives',
  cryptos: [
    { name: 'openssl-primitives', microseconds: 1.4 },
    { name: 'openssl', microseconds: 2.2, rejected: 'slower' },
    { name: 'noble', rejected: 'slower' },
  ],
  tcpOffload: true,
  udpOffload: true,
  sendOffload: true,
  receiveOffload: true,
};
const inline: DataPathFeatures = {
  ...best,
  kind: 'inline',
  tcpOffload: false,
  udpOffload: false,
  sendOffload: false,
  receiveOffload: false,
};

describe('what is a fallback', () => {
  it('is nothing of the best way, nor of userspace networking', () => {
    expect(fallbacksOf(best, true)).toEqual([]);
    expect(fallbacksOf(inline, false)).toEqual([]);
  });

  it.each([
    ['the slow way', inline, /beside all else/],
    ['no TUN offload', { ...best, tcpOffload: false, udpOffload: false }, /no TUN offload/],
    ['no TUN offload of UDP', { ...best, udpOffload: false }, /UDP packets one by one .*Linux .* 6\.2/],
    ['no UDP_SEGMENT', { ...best, sendOffload: false }, /UDP_SEGMENT/],
    ['no UDP_GRO', { ...best, receiveOffload: false }, /UDP_GRO/],
    ['no native cryptography', { ...best, crypto: 'noble' }, /JavaScript/],
    [
      'cryptography that computes wrongly',
      { ...best, cryptos: [{ name: 'openssl', rejected: 'wrong: seal' }] },
      /"openssl" is not used: wrong: seal/,
    ],
  ] as const)('is %s', (_, features, sentence) => {
    expect(fallbacksOf(features, true)).toEqual([expect.stringMatching(sentence)]);
  });

  it('is explained where there was to be a thread of its own', () => {
    const problem = { code: 'internal', message: 'no memory is left' };
    expect(fallbacksOf(inline, true, problem)).toEqual([expect.stringMatching(/slow: no memory is left$/)]);
    expect(fallbacksOf(inline, false, undefined)).toEqual([]);
  });
});
