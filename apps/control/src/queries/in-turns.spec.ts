import { expect, test } from '@jest/globals';
import { inTurns } from './in-turns.js';

test('work in steps comes to its end, and keeps the event loop for none of the others', async () => {
  let turns = 0;
  const count = () => {
    turns += 1;
    timer = setImmediate(count);
  };
  let timer = setImmediate(count);
  const { outcome, seen } = await inTurns(
    (function* () {
      while (turns < 3) yield; // for ever, when nothing else has its turn
      return { outcome: 'done', seen: turns };
    })(),
  );
  clearImmediate(timer);
  expect([outcome, seen]).toEqual(['done', 3]);
});
