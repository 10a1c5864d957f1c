import { expect, test } from '@jest/globals';
import { ManualClock } from '../testing/manual-clock.js';
import { Nonces } from './nonces.js';

const secret = new Uint8Array(32).fill(3);
const setup = () => {
  const clock = new ManualClock();
  let next = 0;
  const random = { bytes: (length: number) => new Uint8Array(length).fill(next++) };
  return { clock, nonces: new Nonces(secret, clock, random) };
};
const codeOf = (work: () => void): unknown => {
  try {
    work();
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
  return undefined;
};

test('a nonce is good once', () => {
  const { nonces } = setup();
  const nonce = nonces.issue();
  nonces.use(nonce);
  expect(codeOf(() => nonces.use(nonce))).toBe('auth.bad_nonce');
});

test('a nonce expires, and is refused still when its use was forgotten', () => {
  const { nonces, clock } = setup();
  const [used, unused] = [nonces.issue(), nonces.issue()];
  nonces.use(used);
  clock.advance(120_001);
  expect(codeOf(() => nonces.use(unused))).toBe('auth.bad_nonce');
  nonces.use(nonces.issue());
  expect(codeOf(() => nonces.use(used))).toBe('auth.bad_nonce');
});

test('a nonce of another server, an altered one and one of another length are refused', () => {
  const { nonces, clock } = setup();
  const foreign = new Nonces(new Uint8Array(32), clock, { bytes: (length) => new Uint8Array(length) });
  const nonce = nonces.issue();
  for (let i = 0; i < nonce.length; i++) {
    const altered = nonce.map((byte, at) => (at === i ? byte ^ 1 : byte));
    expect(codeOf(() => nonces.use(altered))).toBe('auth.bad_nonce');
  }
  for (const bad of [foreign.issue(), nonce.subarray(1), new Uint8Array(), new Uint8Array(200)]) {
    expect(codeOf(() => nonces.use(bad))).toBe('auth.bad_nonce');
  }
  nonces.use(nonce);
});
