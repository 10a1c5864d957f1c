import { describe, expect, test } from '@jest/globals';
import { EMPTY_HEAD } from '../event.js';
import { headAfter } from '../seal.js';
import { collect, sealedEvent, testAppends, testEvents } from './fixtures.js';
import type { StoreUnderTest } from './store-under-test.js';

export function retryContract(subject: StoreUnderTest): void {
  describe('the same append again', () => {
    test('gives the first answer, at once and after others', async () => {
      const [first = [], second = []] = testAppends(subject.stream(), 2, 3);
      const [appended, repeated] = await Promise.all([subject.append(first), subject.append(first)]);
      expect(repeated).toEqual(appended);
      await subject.append(second);
      expect(await subject.append(first)).toEqual(appended);
      expect((await collect(subject.store.read(subject.stream()))).map(sealedEvent)).toEqual([...first, ...second]);
    });

    test('does not count when it holds more than was stored', async () => {
      const [first = [], second = []] = testAppends(subject.stream(), 2, 2);
      await subject.append(first);
      await expect(subject.append([...first, ...second])).rejects.toMatchObject({ expected: -1, actual: 1 });
    });

    test('does not count when one event differs', async () => {
      const stream = subject.stream();
      const [first = []] = testAppends(stream, 1, 2);
      await subject.append(first);
      const other = [...first.slice(0, 1), ...testEvents(stream, 1, headAfter(EMPTY_HEAD, first.slice(0, 1)), 'other')];
      await expect(subject.append(other)).rejects.toMatchObject({ code: 'store.wrong_expected_revision', actual: 1 });
    });
  });
}
