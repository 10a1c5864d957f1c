import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { MAX_VALUE_LENGTH, type Registers } from '../registers.js';

/** What the contract needs of an adapter, for one test. */
export interface RegistersHarness {
  /** Opens the registers; with `persistent`, again after they were closed, with what they held. */
  open(): Promise<Registers>;
  dispose(): Promise<void>;
}

export interface ContractOptions {
  /** Whether several processes may have it open at once. */
  readonly shared: boolean;
  /** Whether it outlives being closed. */
  readonly persistent: boolean;
  /** The longest value that it is tried with. */
  readonly longest?: number;
}

/**
 * What every adapter of `Registers` must do. It may run against a server that holds other data: names are its own.
 */
export function registersContract(
  name: string,
  { shared, persistent, longest = MAX_VALUE_LENGTH }: ContractOptions,
  harness: () => Promise<RegistersHarness>,
): void {
  describe(`registers contract: ${name}`, () => {
    let it: RegistersHarness;
    let registers: Registers;
    let own = '';
    beforeEach(async () => {
      it = await harness();
      registers = await it.open();
      own = `test/${randomUUID()}/`;
    });
    afterEach(async () => {
      await registers.close();
      await it.dispose();
    });

    const changed = { code: 'register.changed' };

    test('holds what was written last, under a version that grows', async () => {
      const one = `${own}one`;
      expect(await registers.read(one)).toBeUndefined();
      const first = await registers.write(one, -1, 'a');
      expect(await registers.read(one)).toEqual({ version: first, value: 'a' });
      const second = await registers.write(one, first, '');
      expect(second).toBeGreaterThan(first);
      expect(await registers.read(one)).toEqual({ version: second, value: '' });
    });

    test('refuses whoever has not seen what it holds, and holds it still', async () => {
      const one = `${own}one`;
      await expect(registers.write(one, 0, 'x')).rejects.toMatchObject(changed);
      await expect(registers.delete(one, -1)).rejects.toMatchObject(changed);
      await expect(registers.delete(one, 0)).rejects.toMatchObject(changed);
      const first = await registers.write(one, -1, 'a');
      const second = await registers.write(one, first, 'b');
      for (const version of [-1, first, second + 1]) {
        await expect(registers.write(one, version, 'x')).rejects.toMatchObject(changed);
        await expect(registers.delete(one, version)).rejects.toMatchObject(changed);
      }
      expect(await registers.read(one)).toEqual({ version: second, value: 'b' });
    });

    test('a register that was deleted is not there, and comes back under a version that it never had', async () => {
      const one = `${own}one`;
      const seen: number[] = [];
      for (let round = 0; round < 3; round++) {
        seen.push(await registers.write(one, -1, 'a'));
        await registers.delete(one, seen.at(-1) ?? -1);
        expect(await registers.read(one)).toBeUndefined();
        await expect(registers.delete(one, seen.at(-1) ?? -1)).rejects.toMatchObject(changed);
        await expect(registers.write(one, seen.at(-1) ?? -1, 'x')).rejects.toMatchObject(changed);
      }
      expect(seen).toEqual([...new Set(seen)].sort((a, b) => a - b));
    });

    test('of those who write at once one is heard', async () => {
      const others = shared ? await Promise.all([it.open(), it.open()]) : [];
      const writers = [registers, ...others, registers];
      let version = -1;
      for (let round = 0; round < 4; round++) {
        const answers = await Promise.allSettled(writers.map((one, i) => one.write(`${own}one`, version, `${i}`)));
        const heard = answers.flatMap((answer, i) => (answer.status === 'fulfilled' ? [{ i, ...answer }] : []));
        for (const answer of answers) if (answer.status === 'rejected') expect(answer.reason).toMatchObject(changed);
        expect(heard).toHaveLength(1);
        version = heard[0]?.value ?? -1;
        for (const one of writers) expect(await one.read(`${own}one`)).toEqual({ version, value: `${heard[0]?.i}` });
      }
      for (const one of others) await one.close();
    });

    test('tells the names that begin alike, of what there is', async () => {
      for (const name of ['b', 'a/2', 'a/1', 'a_', 'a/3']) await registers.write(`${own}${name}`, -1, 'x');
      await registers.delete(`${own}a/3`, (await registers.read(`${own}a/3`))?.version ?? -1);
      expect(await registers.names(`${own}a/`)).toEqual([`${own}a/1`, `${own}a/2`]);
      expect(await registers.names(own)).toEqual(['a/1', 'a/2', 'a_', 'b'].map((name) => `${own}${name}`));
      expect(await registers.names(`${own}c`)).toEqual([]);
    });

    test('keeps any text, up to its size', async () => {
      const one = `${own}one`;
      let version = -1;
      const texts = fc.sample(fc.string({ unit: 'grapheme' }), { numRuns: 5, seed: 1 });
      for (const value of [...texts, '"\\\n\u{1f511}', 'x'.repeat(longest)]) {
        version = await registers.write(one, version, value);
        expect((await registers.read(one))?.value).toBe(value);
      }
      await expect(registers.write(one, version, 'x'.repeat(MAX_VALUE_LENGTH + 1))).rejects.toMatchObject({
        code: 'register.too_large',
      });
    });

    test.each(['', 'A', '/a', 'a b', 'a\n', 'ä', 'a'.repeat(201)])('%j is no name', (name) =>
      expect(registers.write(name, -1, 'x')).rejects.toMatchObject({ code: 'register.bad_name' }),
    );

    test('does nothing after it was closed', async () => {
      await registers.close();
      const closed = { code: 'store.closed' };
      await expect(registers.read(`${own}one`)).rejects.toMatchObject(closed);
      await expect(registers.write(`${own}one`, -1, 'x')).rejects.toMatchObject(closed);
      await expect(registers.names(own)).rejects.toMatchObject(closed);
    });

    if (persistent) {
      test('is there after a restart, and its versions go on', async () => {
        const [one, other] = [`${own}one`, `${own}other`];
        const version = await registers.write(one, -1, 'a');
        const gone = await registers.write(other, -1, 'a');
        await registers.delete(other, gone);
        await registers.close();
        registers = await it.open();
        expect(await registers.read(one)).toEqual({ version, value: 'a' });
        expect(await registers.write(other, -1, 'b')).toBeGreaterThan(gone);
        expect(await registers.names(own)).toEqual([one, other]);
      });
    }
  });
}
