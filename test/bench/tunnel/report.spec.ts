import { expect, test } from '@jest/globals';
import { BASE, NETFOLD } from './contender.js';
import { readOptions } from './options.js';
import { documentOf, tableOf } from './report.js';
import { Results } from './results.js';
import { judge } from './targets.js';

/** Two rounds, in the second of which the machine was busy. */
function results(): Results {
  const results = new Results();
  results.add(NETFOLD, 0, { tcp1: 3000, filterCost: 4 });
  results.add(NETFOLD, 0, { pingIdle: 0.2 });
  results.add(BASE, 0, { tcp1: 500, pingIdle: 0.25 });
  results.add(NETFOLD, 1, { tcp1: 700, filterCost: 18 });
  results.add(BASE, 1, { tcp1: 100 });
  return results;
}

test('ratios are those within a round', () => {
  expect(results().ratio(NETFOLD, BASE, 'tcp1')).toBe(6.5);
  expect(results().median(NETFOLD, 'tcp1')).toBe(1850);
  expect(results().ratio(NETFOLD, BASE, 'pingIdle')).toBe(0.8);
  expect(results().ratio(NETFOLD, BASE, 'udp64')).toBeUndefined();
});

test('each target of which something was measured is judged', () => {
  expect(judge(results(), []).map(({ figure, met }) => [figure, met])).toEqual([
    ['tcp1', true],
    ['pingIdle', false],
    ['filterCost', false],
  ]);
});

test.each([
  [79, false],
  [80, true],
])('of its own TCP netfold is to keep 80 %% in a flood: with %d %% it does: %s', (floodKept, met) => {
  const results = new Results();
  results.add(NETFOLD, 0, { floodKept });
  expect(judge(results, [])).toEqual([
    { figure: 'floodKept', against: undefined, wanted: '>= 80', value: floodKept, met },
  ]);
});

test('the table and the document have the same figures', () => {
  const options = readOptions(['--rounds', '2']);
  if (!options) throw new Error('no options');
  const verdicts = judge(results(), []);
  const table = tableOf(results(), verdicts).split('\n');
  expect(table[1]).toMatch(/^TCP, 1 stream, Mbit\/s +1850 \(6\.50x\) +300$/);
  expect(table.at(-1)).toMatch(/^1,000 rules: less TCP, % +<= 10 +11\.0 +MISSED$/);
  expect(documentOf(options, results(), verdicts)).toMatchObject({
    version: 1,
    figures: [
      { figure: 'tcp1', contenders: [{ name: NETFOLD, toBase: 6.5, runs: [3000, 700] }, { name: BASE }] },
      {},
      {},
    ],
    targets: [{ figure: 'tcp1', against: BASE, wanted: '>= 6x', met: true }, {}, { against: null }],
  });
});

test.each([
  [['--only', 'tcp,nope'], 'no scenario "nope"'],
  [['--rounds', '0'], '--rounds takes a whole number of at least 1'],
  [['--speed'], '--speed'],
])('%j is refused', (words, reason) => {
  expect(() => readOptions(words)).toThrow(reason);
});
