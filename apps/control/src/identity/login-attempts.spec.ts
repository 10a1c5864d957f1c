import { expect, test } from '@jest/globals';
import { MemoryRegisters, Records } from '#coordination';
import { ManualClock } from '../testing/manual-clock.js';
import { LoginAttempts } from './login-attempts.js';
import { Spent } from './spent.js';

const SECRET = new Uint8Array(32).fill(1);

function setup() {
  const clock = new ManualClock();
  const now = () => clock.now();
  const registers = new MemoryRegisters();
  const open = (secret = SECRET) => new LoginAttempts(secret, new Spent(new Records(registers, 'spent', now)), now);
  const here = open();
  const state = here.newState();
  const held = here.seal({ state, nonce: 'n', verifier: 'v' }, 'corp', '/next');
  return { clock, here, there: open(), stranger: open(new Uint8Array(32)), state, held, registers };
}

const over = { code: 'oidc.unknown_attempt' };
const other = { code: 'oidc.other_browser' };

test('what was asked here is answered there, once, and nothing is kept before', async () => {
  const { here, there, state, held, registers } = setup();
  expect(await registers.names('')).toEqual([]);
  expect(await there.take(state, 'corp', held)).toMatchObject({ state, nonce: 'n', verifier: 'v', next: '/next' });
  for (const one of [here, there]) await expect(one.take(state, 'corp', held)).rejects.toMatchObject(over);
});

test('of two answers at once one counts', async () => {
  const { here, there, state, held } = setup();
  const answers = [here, there, here].map((one) => one.take(state, 'corp', held));
  const counted = (await Promise.allSettled(answers)).filter(({ status }) => status === 'fulfilled');
  expect(counted).toHaveLength(1);
});

test('an answer in another browser, to another question, of another issuer or too late does not count, nor ends it', async () => {
  const { here, stranger, state, held, clock } = setup();
  const next = here.newState();
  await expect(here.take(state, 'corp', '')).rejects.toMatchObject(other);
  await expect(here.take(state, 'corp', `${held.slice(0, -3)}xxx`)).rejects.toMatchObject(other);
  await expect(here.take(next, 'corp', held)).rejects.toMatchObject(other);
  await expect(here.take(state, 'other', held)).rejects.toMatchObject(over);
  await expect(here.take(`${state}x`, 'corp', held)).rejects.toMatchObject(over);
  await expect(here.take('', 'corp', held)).rejects.toMatchObject(over);
  await expect(stranger.take(state, 'corp', held)).rejects.toMatchObject(over);
  const later = here.seal({ state: next, nonce: 'n', verifier: 'v' }, 'corp', '/');
  expect(await here.take(state, 'corp', held)).toMatchObject({ state });
  clock.advance(10 * 60_000);
  await expect(here.take(next, 'corp', later)).rejects.toMatchObject(over);
});
