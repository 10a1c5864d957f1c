// One configuration for every tier; the tier is the file's suffix.
// JEST_TIER=net|slow selects another tier than the fast suite.
const tier = process.env.JEST_TIER ?? 'fast';
const match = {
  fast: ['<rootDir>/{apps,libs,test}/**/*.spec.ts'],
  net: ['<rootDir>/{apps,libs,test}/**/*.net.ts'],
  slow: ['<rootDir>/{apps,libs,test}/**/*.slow.ts'],
}[tier];
// What properties are tried of what they ask for, see test/properties/fast-check.mjs.
process.env.PROPERTY_FACTOR ??= tier === 'fast' ? '0.3' : '1';
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
  maxWorkers: tier === 'fast' ? '100%' : 1, // namespaces and long runs want the machine to themselves
  testTimeout: tier === 'fast' ? 15_000 : 120_000,
};
