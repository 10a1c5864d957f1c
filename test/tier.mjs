// `npm run test:net` and `npm run test:slow`: one tier of the slower suites, on the built programs.
import { execFileSync, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const [tier, ...rest] = process.argv.slice(2);
if (tier === 'net' && process.getuid?.() !== 0) {
  console.error(
    'npm run test:net: needs root, for network namespaces and TUN devices.\n  Run it as: sudo npm run test:net',
  );
  process.exit(1);
}
const root = fileURLToPath(new URL('..', import.meta.url));

/** @param {Record<string, string>} environment */
function jest(environment, words) {
  const { status } = spawnSync(
    process.execPath,
    ['--experimental-vm-modules', 'node_modules/jest/bin/jest.js', '-c', 'test/jest.config.mjs', ...words],
    {
      cwd: root,
      stdio: 'inherit',
      env: {
        ...process.env,
        NODE_OPTIONS: '--disable-warning=ExperimentalWarning',
        NODE_COMPILE_CACHE: `${root}node_modules/.cache/compiled`, // for the programs that tests start
        ...environment,
      },
    },
  );
  if (status !== 0) process.exit(status ?? 1);
}

jest({ JEST_TIER: tier }, rest);
if (tier === 'slow' && rest.length === 0) {
  // Of every property the fast suite tries a part: here all of it, and something else.
  const files = execFileSync(
    'grep',
    ['-rlE', 'fast-check|PROPERTY_FACTOR', '--include=*.spec.ts', 'libs', 'apps', 'test'],
    {
      cwd: root,
      encoding: 'utf8',
    },
  );
  jest({ PROPERTY_FACTOR: '1', PROPERTY_SEED: '2' }, files.trim().split('\n'));
}
