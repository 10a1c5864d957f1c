import { type Io, print } from '../output/io.js';
import { formatProblem } from '../output/problem.js';
import { painter } from '../output/style.js';
import type { Audience } from './scenario.js';

/** Tells the scenario to a person, as it happens. */
export function narrator(io: Io): Audience {
  const paint = painter(io);
  let number = 0;
  return {
    begins: ({ title }) => {
      number += 1;
      print(io, '', paint('bold', `${number}. ${title}`));
    },
    tells: (line) => print(io, `   ${line}`),
    ends: ({ ok, duration, problem }) => {
      if (ok) print(io, `   ${paint('green', '✓')} ${paint('dim', `${(duration / 1000).toFixed(1)} s`)}`);
      else print(io, `   ${paint('red', '✗')} ${problem ? formatProblem(problem).replace(/^netfold: /, '') : ''}`);
    },
  };
}

/** For programs: they get everything at the end. */
export const silence: Audience = { begins: () => {}, tells: () => {}, ends: () => {} };
