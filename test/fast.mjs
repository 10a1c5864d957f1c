// `npm test`: everything that needs neither root nor a broker. With arguments, only jest, with those arguments.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const jest = ['--experimental-vm-modules', 'node_modules/jest/bin/jest.js', '-c', 'test/jest.config.mjs'];
const wanted = process.argv.slice(2);

/** @type {[name: string, words: string[]][]} */
const steps = wanted.length
  ? [['tests', [...jest, ...wanted]]]
  : [
      ['format and lint', ['node_modules/@biomejs/biome/bin/biome', 'check', '--error-on-warnings']],
      ['types', ['node_modules/typescript/bin/tsc', '--noEmit']],
      [
        'boundaries',
        [
          'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs',
          '--config',
          '.dependency-cruiser.cjs',
          'apps',
          'libs',
          'test',
        ],
      ],
      ['unused code', ['node_modules/knip/bin/knip.js']],
      ['tests', jest],
    ];

for (const [name, words] of steps) {
  const started = Date.now();
  const { status } = spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', ...words], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, NODE_OPTIONS: '--disable-warning=ExperimentalWarning' },
  });
  if (status !== 0) {
    console.error(`npm test: ${name} failed`);
    process.exit(status ?? 1);
  }
  console.error(`npm test: ${name} passed in ${((Date.now() - started) / 1000).toFixed(1)} s`);
}
