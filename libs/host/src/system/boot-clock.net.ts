import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

// Needs root, and what was built.

const CLOCK = join(process.cwd(), 'dist/libs/host/src/system/boot-clock.js');
const DAY = 86_400;

test('the clock counts what the machine slept', () => {
  const script = `import { bootTime } from ${JSON.stringify(CLOCK)};
    console.log(bootTime() - Number(process.hrtime.bigint()) / 1e6);`;
  const ahead = (...asleep: string[]) => {
    const words = ['--time', ...asleep, process.execPath, '--input-type=module', '-e', script];
    return Number(execFileSync('unshare', words, { encoding: 'utf8' }));
  };
  // A machine that has slept for another day: its clocks differ by so much more.
  const slept = ahead('--boottime', `${DAY}`) - ahead();
  expect(Math.round(slept / 1000)).toBe(DAY);
});
