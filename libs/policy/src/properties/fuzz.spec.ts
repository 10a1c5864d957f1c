import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { NetfoldError } from '#kernel';
import { NetworkView } from '../address/network-view.js';
import { toPacketFilter } from '../address/packet-filter.js';
import { runPolicyTests } from '../check/run-policy-tests.js';
import { compilePolicy } from '../compile/compile-policy.js';
import { parsePolicy } from '../language/parse-policy.js';
import { lintPolicy } from '../lint/lint-policy.js';
import { randomPolicy } from '../testing/random-policy.js';
import { directoryOf, subjectOf } from '../testing.js';

const network = {
  subjects: [subjectOf('a', 1, 'ann@example.com'), subjectOf('b', 2, 'tag:web')],
  directory: directoryOf(),
};

/** Everything that a text may go through; only coded errors may come out. */
function process(text: string): void {
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

describe('a policy file out of anything', () => {
  it('is read or refused with problems that have a place, when a valid one is damaged', () => {
    fc.assert(
      fc.property(randomPolicy, fc.nat(), fc.nat(40), junk, (value, at, length, replacement) => {
        const text = JSON.stringify(value, null, 1);
        const start = at % text.length;
        process(text.slice(0, start) + replacement + text.slice(start + length));
      }),
      { numRuns: 150 },
    );
  });

  it('is read or refused when it is random text', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), process), { numRuns: 150 });
    fc.assert(
      fc.property(
        fc.array(words, { maxLength: 40 }).map((parts) => parts.join(' ')),
        process,
      ),
      { numRuns: 300 },
    );
  });

  it('is read or refused when its values are of the wrong kind', () => {
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
    const file = fc.dictionary(fc.constantFrom(...sections), tree, { maxKeys: 5 });
    fc.assert(
      fc.property(file, (value) => process(JSON.stringify(value))),
      { numRuns: 300 },
    );
  });

  it.each([
    ['deep nesting', `{"acls": ${'['.repeat(50_000)}`],
    ['deep objects', '{"a":'.repeat(50_000)],
    ['many unknown names', JSON.stringify({ acls: [{ action: 'accept', src: manyNames('tag:x'), dst: ['*:*'] }] })],
    ['a huge group', JSON.stringify({ groups: { 'group:a': manyNames('u@example.com') }, acls: [] })],
    [
      'a huge IP set',
      JSON.stringify({ ipsets: { 'ipset:a': [...Array(5_000).keys()].map((i) => `10.${i >> 8}.${i & 255}.1`) } }),
    ],
    [
      'tags in a circle',
      JSON.stringify({
        tagOwners: Object.fromEntries([...Array(5_000).keys()].map((i) => [`tag:t${i}`, [`tag:t${(i + 1) % 5_000}`]])),
      }),
    ],
    [
      'sets in a chain',
      JSON.stringify({
        ipsets: Object.fromEntries([...Array(5_000).keys()].map((i) => [`ipset:s${i}`, [`ipset:s${i + 1}`]])),
      }),
    ],
    ['many colons', JSON.stringify({ acls: [{ action: 'accept', src: ['*'], dst: [':'.repeat(100_000)] }] })],
  ])('survives %s', (_, text) => process(text));
});

function manyNames(stem: string): string[] {
  return [...Array(5_000).keys()].map((i) => `${stem}${i}`);
}
