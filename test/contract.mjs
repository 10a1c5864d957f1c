// `npm run test:contract`: the contracts of the event store and of the registers beside it, against a real KurrentDB, which
// KURRENTDB_URL names.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

if (!process.env.KURRENTDB_URL) {
  console.error(
    'npm run test:contract: needs a KurrentDB.\n' +
      "  Run it as: KURRENTDB_URL='kurrentdb://localhost:2113?tls=false' npm run test:contract\n" +
      '  It adds streams with names of their own, and removes nothing. npm test runs it against a server of its own.',
  );
  process.exit(1);
}
const suites = [
  'libs/event-store/src/kurrentdb/kurrent-event-store.spec.ts',
  'libs/coordination/src/kurrentdb/kurrent-registers.spec.ts',
];
const { status } = spawnSync(
  process.execPath,
  [
    '--experimental-vm-modules',
    'node_modules/jest/bin/jest.js',
    '-c',
    'test/jest.config.mjs',
    ...suites,
    ...process.argv.slice(2),
  ],
  {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    stdio: 'inherit',
    env: { ...process.env, NODE_OPTIONS: '--disable-warning=ExperimentalWarning' },
  },
);
process.exit(status ?? 1);
