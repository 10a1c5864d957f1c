// The direction of dependencies, as rules. Each says why; test/boundaries proves that each one bites.
'use strict';

const PURE = ['kernel', 'net', 'crypto', 'tailnet', 'policy', 'netmap', 'wireguard', 'filter', 'plan', 'tcp', 'dns', 'personal-data', 'merkle', 'reach', 'psk'];

// What each lib may import, besides itself. kernel imports nothing. A lib that is not listed may not exist.
const MAY_IMPORT = {
  kernel: [],
  net: ['kernel'],
  crypto: ['kernel'],
  merkle: ['kernel', 'crypto'],
  wireguard: ['kernel', 'net', 'crypto'],
  psk: ['kernel', 'crypto'],
  policy: ['kernel', 'net'],
  tailnet: ['kernel', 'net', 'policy'],
  netmap: ['kernel', 'net', 'policy', 'tailnet'],
  filter: ['kernel', 'net'],
  reach: ['kernel', 'net', 'policy', 'tailnet', 'netmap'],
  plan: ['kernel', 'net', 'policy', 'netmap', 'filter'],
  'event-store': ['kernel', 'crypto', 'merkle'],
  coordination: ['kernel', 'event-store'],
  'personal-data': ['kernel'],
  messaging: ['kernel'],
  history: ['kernel', 'event-store', 'tailnet', 'netmap'],
  dns: ['kernel', 'net'],
  wire: ['kernel', 'net', 'netmap'],
  tcp: ['kernel', 'net'],
  host: ['kernel', 'net', 'tcp'],
  dataplane: ['kernel', 'net', 'crypto', 'wireguard', 'filter', 'host'],
};

const TESTS = '\\.(spec|net|slow|contract)\\.ts$|/testing(/|\\.ts$)|(^|/)test/(?!boundaries/fixtures)';
const lib = (names) => `(^|/)libs/(${names.join('|')})/src/`;

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'A cycle means that two files are one thing: neither can be read, tested or moved alone.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'pure-libs-touch-no-runtime',
      comment: 'Pure code runs the same in unit tests, in the simulation and in production: no I/O.',
      severity: 'error',
      from: { path: lib(PURE), pathNot: `${TESTS}|/native(/|\\.ts$)` },
      to: { dependencyTypes: ['core'] },
    },
    ...Object.entries(MAY_IMPORT).map(([name, allowed]) => ({
      name: `direction-${name}`,
      comment: `libs/${name} builds on ${allowed.join(', ') || 'nothing'} only, so that a line has one place where it belongs.`,
      severity: 'error',
      from: { path: `(^|/)libs/${name}/src/`, pathNot: TESTS },
      to: { path: '(^|/)(libs|apps)/', pathNot: lib([name, ...allowed]) },
    })),
    {
      name: 'known-libs-only',
      comment: 'A new lib needs a line in MAY_IMPORT that says what it builds on.',
      severity: 'error',
      from: { path: '(^|/)libs/', pathNot: `${lib(Object.keys(MAY_IMPORT))}|/sim/` },
      to: {},
    },
    {
      name: 'through-the-index',
      comment: 'What a lib shows is its index; the rest is free to change.',
      severity: 'error',
      from: { path: '(^|/)(libs|apps)/([^/]+)/src/' },
      to: { path: '(^|/)libs/([^/]+)/src/', pathNot: '(^|/)libs/$3/src/|(^|/)libs/[^/]+/src/(index|testing|native)\\.ts$' },
    },
    {
      name: 'generated-code-stays-in-wire',
      comment: 'The wire format may change without the domain noticing: only libs/wire sees generated types.',
      severity: 'error',
      from: { pathNot: '(^|/)libs/wire/src/' },
      to: { path: '(^|/)libs/wire/src/gen/' },
    },
    {
      name: 'libs-know-no-app',
      comment: 'Apps join libs; a lib that imports an app turns the direction round.',
      severity: 'error',
      from: { path: '(^|/)libs/' },
      to: { path: '(^|/)apps/' },
    },
    {
      name: 'apps-stand-alone',
      comment: 'Only the command line starts the other programs; everything they share is a lib.',
      severity: 'error',
      from: { path: '(^|/)apps/([^/]+)/', pathNot: '(^|/)apps/cli/' },
      to: { path: '(^|/)apps/([^/]+)/', pathNot: '(^|/)apps/$2/' },
    },
    {
      name: 'fakes-stay-in-tests',
      comment: 'Fakes and fixtures must not ship.',
      severity: 'error',
      from: { pathNot: TESTS },
      to: { path: '/src/testing(/|\\.ts$)' },
    },
    {
      name: 'simulation-stays-in-tests',
      comment: 'Simulated time, networks and chance must not ship.',
      severity: 'error',
      from: { pathNot: `${TESTS}|(^|/)libs/sim/` },
      to: { path: '(^|/)libs/sim/' },
    },
    {
      name: 'nest-only-in-control',
      comment: 'The framework is a detail of one program.',
      severity: 'error',
      from: { path: '(^|/)(libs|apps)/', pathNot: '(^|/)apps/control/' },
      to: { path: '^@nestjs/|node_modules/@nestjs/' },
    },
    {
      name: 'nothing-unresolved',
      comment: 'An import that resolves to nothing fails at run time on a user\'s machine.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'no-dev-dependency-in-programs',
      comment: 'What is installed for development only is missing where netfold runs.',
      severity: 'error',
      from: { path: '(^|/)(libs|apps)/', pathNot: TESTS },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: 'test/boundaries/fixtures|(^|/)dist/' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { conditionNames: ['source', 'import', 'node', 'default'], exportsFields: ['exports'] },
    moduleSystems: ['es6'],
  },
};
