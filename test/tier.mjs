// `npm run test:net` and `npm run test:slow`: one tier of the slower suites, on the built programs.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const [tier, ...rest] = process.argv.slice(2);
if (tier === 'net' && process.getuid?.() !== 0) {
  console.error(
    'npm run test:net: needs root, for network namespaces and TUN devices.\n  Run it as: sudo npm run test:net',
  );
  process.exit(1);
}
const { status } = spawnSync(
  process.execPath,
  ['--experimental-vm-modules', 'node_modules/jest/bin/jest.js', '-c', 'test/jest.config.mjs', ...rest],
  {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    stdio: 'inherit',
    env: { ...process.env, JEST_TIER: tier, NODE_OPTIONS: '--disable-warning=ExperimentalWarning' },
  },
);
process.exit(status ?? 1);
