import { availableParallelism } from 'node:os';

// One configuration for every tier; the tier is the file's suffix.
// JEST_TIER=net|slow selects another tier than the fast suite.
const tier = process.env.JEST_TIER ?? 'fast';
const match = {
  fast: ['<rootDir>/{apps,libs,test}/**/*.spec.ts'],
  net: ['<rootDir>/{apps,libs,test}/**/*.net.ts'],
  slow: ['<rootDir>/{apps,libs,test}/**/*.slow.ts'],
}[tier];
// How often properties are tried, and with what, see test/properties/fast-check.mjs.
const tried = { PROPERTY_FACTOR: tier === 'fast' ? '0.3' : '1', PROPERTY_SEED: '1' };
if (process.env.PROPERTY_FACTOR === undefined) Object.assign(process.env, tried);
if (!match) throw new Error(`unknown JEST_TIER ${tier}: use fast, net or slow`);

export default {
  rootDir: '..',
  testEnvironment: 'node',
  testEnvironmentOptions: { customExportConditions: ['source', 'node', 'node-addons'] },
  extensionsToTreatAsEsm: ['.ts'],
  testMatch: match,
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
  transform: {
    '\\.ts$': ['@swc/jest', { swcrc: true }],
  },
  moduleNameMapper: {
    '^fast-check$': '<rootDir>/test/properties/fast-check.mjs',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  // Some tests of the fast suite wait for timers; what measures seconds in namespaces wants the machine to itself.
  maxWorkers: { fast: Math.ceil(1.5 * availableParallelism()), slow: '100%', net: 1 }[tier],
  reporters: ['default', '<rootDir>/test/named-failures.mjs'],
  // Ends a test that hangs, and no other: on a busy machine all takes many times as long.
  testTimeout: 600_000,
};
