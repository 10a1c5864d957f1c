import { describe, expect, test } from '@jest/globals';
import { ManualClock } from '../testing/manual-clock.js';
import { WaitingRoom } from './waiting-room.js';

const YES = { tailnetId: 't', userId: 'u' };

function room() {
  const clock = new ManualClock();
  return { clock, room: new WaitingRoom<string>(() => clock.now()) };
}

describe('a waiting room', () => {
  test('tells whoever waits as soon as somebody has said yes, once', async () => {
    const { room: it } = room();
    const { secret, code } = it.enter('laptop', '192.0.2.1');
    expect(it.find(code)).toMatchObject({ about: 'laptop', from: '192.0.2.1', code });
    const verdict = it.verdict(secret, 60_000);
    it.decide(code, YES);
    expect(await verdict).toEqual(YES);
    await expect(it.verdict(secret, 0)).rejects.toMatchObject({ code: 'login.unknown_code' });
    expect(it.find(code)).toBeUndefined();
  });

  test('finds a code however it is written, and nothing by a secret', () => {
    const { room: it } = room();
    const { secret, code } = it.enter('laptop', 'a');
    expect(code).toMatch(/^[BCDFGHJKLMNPQRSTVWXZ]{4}(-[BCDFGHJKLMNPQRSTVWXZ]{4}){2}$/);
    for (const written of [code.toLowerCase(), code.replaceAll('-', ''), ` ${code.replaceAll('-', ' ')} `]) {
      expect(it.find(written)?.about).toBe('laptop');
    }
    expect(it.find(secret)).toBeUndefined();
    expect(() => it.about(code)).toThrow(expect.objectContaining({ code: 'login.unknown_code' }));
  });

  test('takes no second verdict, and none for who has gone', async () => {
    const { room: it, clock } = room();
    const first = it.enter('a', 'x');
    it.decide(first.code, 'denied');
    expect(() => it.decide(first.code, YES)).toThrow(expect.objectContaining({ code: 'login.unknown_code' }));
    await expect(it.verdict(first.secret, 0)).rejects.toMatchObject({ code: 'login.denied' });
    const second = it.enter('b', 'x');
    clock.advance(10 * 60_000);
    expect(it.find(second.code)).toBeUndefined();
    expect(() => it.decide(second.code, YES)).toThrow();
    await expect(it.verdict(second.secret, 0)).rejects.toMatchObject({ code: 'login.unknown_code' });
  });

  test('has room for so many from one address, and for more when they have gone', () => {
    const { room: it, clock } = room();
    for (let i = 0; i < 50; i++) it.enter('a', 'x');
    expect(() => it.enter('a', 'x')).toThrow(expect.objectContaining({ code: 'login.too_many' }));
    it.enter('b', 'y');
    clock.advance(10 * 60_000 + 1);
    expect(it.enter('a', 'x').code).toBeTruthy();
  });

  test('says nothing while nobody has spoken', async () => {
    const { room: it } = room();
    expect(await it.verdict(it.enter('a', 'x').secret, 1)).toBeUndefined();
  });
});
