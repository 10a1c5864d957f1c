import { expect, test } from '@jest/globals';
import { MemoryRegisters, Records } from '#coordination';
import { ManualClock } from '../testing/manual-clock.js';
import { type KeptSession, Sessions } from './sessions.js';

const MINUTE = 60_000;

/** Two replicas, and what they share. */
function setup() {
  const clock = new ManualClock();
  const now = () => clock.now();
  const registers = new MemoryRegisters();
  const open = () => new Sessions(new Records<KeptSession>(registers, 'session', now), new Uint8Array(32).fill(1), now);
  return { clock, registers, here: open(), there: open() };
}

test('a session that began here is one there, with the same proof for forms, until it is ended anywhere', async () => {
  const { here, there } = setup();
  const token = await here.begin('t', 'u', 7);
  const session = await there.find(token);
  expect(session).toMatchObject({ tailnetId: 't', userId: 'u', revision: 7 });
  expect((await here.find(token))?.formToken).toBe(session?.formToken);
  await there.end(token);
  expect(await here.find(token)).toBeUndefined();
});

test('what the browser holds is replaced after a while, and what it held before is good for a minute more', async () => {
  const { clock, here, there } = setup();
  const old = await here.begin('t', 'u', 0);
  clock.advance(15 * MINUTE);
  const { renewed = '', formToken } = (await there.find(old)) ?? {};
  expect(await here.find(renewed)).toMatchObject({ formToken });
  expect(await here.find(old)).not.toHaveProperty('renewed');
  clock.advance(MINUTE);
  expect(await here.find(old)).toBeUndefined();
  clock.advance(12 * 60 * MINUTE);
  expect(await here.find(renewed)).toBeUndefined();
});

test('a session that is ended while it is renewed does not come back', async () => {
  for (let turns = 0; turns < 12; turns++) {
    const { clock, here, there } = setup();
    const token = await here.begin('t', 'u', 0);
    clock.advance(15 * MINUTE);
    const found = there.find(token);
    for (let i = 0; i < turns; i++) await Promise.resolve();
    await here.end(token);
    const renewed = (await found)?.renewed;
    // Whoever got something new got it before the end.
    if (renewed === undefined) expect(await there.find(token)).toBeUndefined();
    expect(await here.find(token)).toBeUndefined();
  }
});

test('nothing that is kept lets anybody take a session over', async () => {
  const { here, registers } = setup();
  const token = await here.begin('t', 'u', 0);
  for (const name of await registers.names('')) expect((await registers.read(name))?.value).not.toContain(token);
});
