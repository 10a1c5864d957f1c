import { describe, expect, test } from '@jest/globals';
import { MemoryRegisters, Records } from '#coordination';
import { ManualClock } from '../testing/manual-clock.js';
import { WaitingRoom } from './waiting-room.js';

const YES = { tailnetId: 't', userId: 'u', revision: 1 };
const unknown = { code: 'login.unknown_code' };

/** The same room on two replicas. */
function rooms() {
  const clock = new ManualClock();
  const now = () => clock.now();
  const registers = new MemoryRegisters();
  const open = () => new WaitingRoom<string>(new Records(registers, 'room', now), now);
  return { clock, room: open(), elsewhere: open() };
}

describe('a waiting room', () => {
  test('tells whoever waits as soon as somebody has said yes, once', async () => {
    const { room } = rooms();
    const { secret, code } = await room.enter('laptop', '192.0.2.1');
    expect(await room.find(code)).toMatchObject({ about: 'laptop', from: '192.0.2.1', code });
    const verdict = room.verdict(secret, 60_000);
    await room.decide(code, YES);
    expect(await verdict).toEqual(YES);
    await expect(room.verdict(secret, 0)).rejects.toMatchObject(unknown);
    expect(await room.find(code)).toBeUndefined();
  });

  test('is one room, whichever replica the machine and the person come to', async () => {
    const { room, elsewhere } = rooms();
    const { secret, code } = await room.enter('laptop', 'a');
    const waiting = [room.verdict(secret, 60_000), elsewhere.verdict(secret, 60_000)];
    expect(await elsewhere.find(code)).toMatchObject({ about: 'laptop' });
    await elsewhere.decide(code, YES);
    await expect(room.decide(code, 'denied')).rejects.toMatchObject(unknown);
    const heard = await Promise.allSettled(waiting);
    expect(heard.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(heard).toContainEqual({ status: 'fulfilled', value: YES });
  });

  test('is found by its code however that is written, and nothing by a secret or half of one', async () => {
    const { room } = rooms();
    const { secret, code } = await room.enter('laptop', 'a');
    expect(code).toMatch(/^[BCDFGHJKLMNPQRSTVWXZ]{4}(-[BCDFGHJKLMNPQRSTVWXZ]{4}){2}$/);
    for (const written of [code.toLowerCase(), code.replaceAll('-', ''), ` ${code.replaceAll('-', ' ')} `]) {
      expect((await room.find(written))?.about).toBe('laptop');
    }
    expect(await room.find(secret)).toBeUndefined();
    for (const guess of [code, `${code}.`, secret.split('.')[1] ?? '', `${secret}x`, '']) {
      await expect(room.about(guess)).rejects.toMatchObject(unknown);
    }
  });

  test('takes no second verdict, and none for who has gone', async () => {
    const { room, clock } = rooms();
    const first = await room.enter('a', 'x');
    await room.decide(first.code, 'denied');
    await expect(room.decide(first.code, YES)).rejects.toMatchObject(unknown);
    await expect(room.verdict(first.secret, 0)).rejects.toMatchObject({ code: 'login.denied' });
    const second = await room.enter('b', 'x');
    clock.advance(10 * 60_000);
    expect(await room.find(second.code)).toBeUndefined();
    await expect(room.decide(second.code, YES)).rejects.toMatchObject(unknown);
    await expect(room.verdict(second.secret, 0)).rejects.toMatchObject(unknown);
  });

  test('has room for so many from one address, and for more when they have gone', async () => {
    const { room, clock } = rooms();
    for (let i = 0; i < 50; i++) await room.enter('a', 'x');
    await expect(room.enter('a', 'x')).rejects.toMatchObject({ code: 'login.too_many' });
    await room.enter('b', 'y');
    clock.advance(10 * 60_000 + 1);
    expect((await room.enter('a', 'x')).code).toBeTruthy();
  });

  test('says nothing while nobody has spoken', async () => {
    const { room } = rooms();
    expect(await room.verdict((await room.enter('a', 'x')).secret, 1)).toBeUndefined();
  });
});
