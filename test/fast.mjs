// `npm test`: everything that needs neither root nor a broker. With arguments, only jest, with those arguments.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
// Servers and agents that tests start read their compiled code from there.
const env = {
  ...process.env,
  NODE_OPTIONS: '--disable-warning=ExperimentalWarning',
  NODE_COMPILE_CACHE: `${root}node_modules/.cache/compiled`,
};
// Half of what a test leaves behind is modules that were loaded for it: they are seldom worth collecting early.
const jest = ['--experimental-vm-modules', '--max-semi-space-size=64', 'node_modules/jest/bin/jest.js'];
const tests = [...jest, '-c', 'test/jest.config.mjs', ...process.argv.slice(2)];

/** What looks at the sources alone; the slowest first, as they share the processors. */
const checks = {
  types: ['node_modules/typescript-7/bin/tsc', '--noEmit', '--singleThreaded'],
  boundaries: [
    'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs',
    ...['--config', '.dependency-cruiser.cjs', 'apps', 'libs', 'test'],
  ],
  'format and lint': ['node_modules/@biomejs/biome/bin/biome', 'check', '--error-on-warnings'],
  'unused code': ['node_modules/knip/bin/knip.js'],
};

/** Runs one step; what a check says is shown in one piece, when it has ended. */
async function step(name, words, stdio = 'pipe') {
  const started = Date.now();
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...words], { cwd: root, stdio, env });
  const said = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (bytes) => said.push(bytes));
  const [status] = await once(child, 'close');
  process.stderr.write(Buffer.concat(said));
  const took = `${((Date.now() - started) / 1000).toFixed(1)} s`;
  console.error(status === 0 ? `npm test: ${name} passed in ${took}` : `npm test: ${name} failed`);
  return status ?? 1;
}

if (process.argv.length === 2) {
  const waiting = Object.entries(checks);
  const failed = [];
  const work = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift())
      failed.push(...((await step(...next)) ? [next[0]] : []));
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  if (failed.length > 0) process.exit(1);
}
process.exit(await step('tests', tests, 'inherit'));
