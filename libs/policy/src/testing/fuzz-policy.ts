import { expect } from '@jest/globals';
import fc from 'fast-check';
import { NetfoldError } from '#kernel';
import { NetworkView } from '../address/network-view.js';
import { toPacketFilter } from '../address/packet-filter.js';
import { runPolicyTests } from '../check/run-policy-tests.js';
import { compilePolicy } from '../compile/compile-policy.js';
import { parsePolicy } from '../language/parse-policy.js';
import { lintPolicy } from '../lint/lint-policy.js';
import { directoryOf, subjectOf } from '../testing.js';
import { randomPolicy } from './random-policy.js';

const network = {
  subjects: [subjectOf('a', 1, 'ann@example.com'), subjectOf('b', 2, 'tag:web')],
  directory: directoryOf(),
};

/** Takes a text through everything that a policy goes through; only coded errors may come out. */
export function takeThrough(text: string): void {
  const { policy, problems } = parsePolicy(text);
  const lines = text.split('\n');
  for (const { line, column, message } of problems) {
    expect(message).not.toBe('');
    expect(column).toBeGreaterThan(0);
    expect(column).toBeLessThanOrEqual((lines[line - 1] ?? '').length + 1);
  }
  expect(policy !== undefined || problems.some(({ severity }) => severity === 'error')).toBe(true);
  if (!policy) return;
  try {
    const view = new NetworkView(compilePolicy(policy), network);
    for (const { id } of network.subjects) toPacketFilter(view, id);
    lintPolicy(policy);
    runPolicyTests(policy, network);
  } catch (error) {
    expect(error).toBeInstanceOf(NetfoldError);
  }
}

const junk = fc.constantFrom(
  '',
  '{',
  '}',
  '[',
  ']',
  '"',
  ',',
  ':',
  '*',
  '/*',
  '//',
  '\n',
  '\\u0000',
  'null',
  '-1',
  'tag:',
  'group:',
  '::/0',
  '@',
);
const words = fc.constantFrom(
  ...[
    '"acls"',
    '"src"',
    '"dst"',
    '"grants"',
    '"groups"',
    '"tagOwners"',
    '"ssh"',
    '"tests"',
    '"*"',
    '"*:*"',
    '"accept"',
    '"action"',
    '"tag:web"',
  ],
  ...[
    '"autogroup:self"',
    '"group:eng"',
    '"ipsets"',
    '"postures"',
    '"nodeAttrs"',
    '"autoApprovers"',
    '{',
    '}',
    '[',
    ']',
    ':',
    ',',
  ],
);

/** Valid policies with some characters replaced by others. */
export const damaged = fc.tuple(randomPolicy, fc.nat(), fc.nat(40), junk).map(([value, at, length, replacement]) => {
  const text = JSON.stringify(value, null, 1);
  const start = at % text.length;
  return text.slice(0, start) + replacement + text.slice(start + length);
});

/** Valid policies in which two of the texts have changed places: most are well formed, and some still valid. */
export const shuffled = fc.tuple(randomPolicy, fc.nat(), fc.nat()).map(([value, one, other]) => {
  const parts = JSON.stringify(value, null, 1).split(/("(?:[^"\\]|\\.)*")/);
  const at = (n: number) => 1 + 2 * (n % (parts.length >> 1));
  const [a, b] = [at(one), at(other)];
  [parts[a], parts[b]] = [parts[b] ?? '', parts[a] ?? ''];
  return parts.join('');
});

export const anyText = fc.string({ unit: 'grapheme' });

/** Tokens of the language in any order. */
export const looseTokens = fc.array(words, { maxLength: 40 }).map((parts) => parts.join(' '));

const sections = [
  'acls',
  'grants',
  'groups',
  'tagOwners',
  'hosts',
  'ssh',
  'tests',
  'sshTests',
  'nodeAttrs',
  'postures',
  'ipsets',
  'autoApprovers',
];
const keys = fc.constantFrom(
  ...sections,
  'src',
  'dst',
  'app',
  'ip',
  'routes',
  'users',
  'target',
  'attr',
  'ipPool',
  'accept',
  'group:a',
);
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small' },
    fc.string(),
    fc.integer(),
    fc.constant(null),
    fc.boolean(),
    tie('list'),
    tie('object'),
  ),
  list: fc.array(tie('tree'), { maxLength: 3 }),
  object: fc.dictionary(keys, tie('tree'), { maxKeys: 4 }),
}));
/** Objects of the language's names with values of any kind. */
export const oddlyTyped = fc
  .dictionary(fc.constantFrom(...sections), tree, { maxKeys: 5 })
  .map((value) => JSON.stringify(value));

/** The text of a policy of a thousand rules that each name a set of a thousand addresses, `ipset:a`, as one of its sides. */
export function setInManyRules(src: string, dst: string): string {
  const ipsets = { 'ipset:a': Array.from({ length: 1_000 }, (_, i) => `10.${i >> 8}.${i & 255}.1`) };
  return JSON.stringify({
    ipsets,
    acls: Array.from({ length: 1_000 }, () => ({ action: 'accept', src: [src], dst: [dst] })),
  });
}
