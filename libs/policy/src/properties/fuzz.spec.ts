import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { NetworkView } from '../address/network-view.js';
import { toPacketFilter } from '../address/packet-filter.js';
import { readPolicy } from '../check/read-policy.js';
import { compilePolicy } from '../compile/compile-policy.js';
import {
  anyText,
  damaged,
  looseTokens,
  oddlyTyped,
  setInManyRules,
  shuffled,
  takeThrough,
} from '../testing/fuzz-policy.js';
import { directoryOf, policyOf, subjectOf } from '../testing.js';

describe('a policy file out of anything', () => {
  it.each([
    ['a valid one that is damaged', damaged, 150],
    ['a valid one with two texts in each other’s place', shuffled, 150],
    ['random text', anyText, 150],
    ['tokens in any order', looseTokens, 300],
    ['values of the wrong kind', oddlyTyped, 300],
  ])('is read or refused with problems that have a place: %s', (_, texts, numRuns) => {
    fc.assert(fc.property(texts, takeThrough), { numRuns });
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
  ])('survives %s', (_, text) => takeThrough(text));
});

function manyNames(stem: string): string[] {
  return [...Array(5_000).keys()].map((i) => `${stem}${i}`);
}

/** What is kept of a policy, counted: rules, their sources once for each list, labels. */
function sizeOf(value: unknown): number {
  const compiled = compilePolicy(policyOf(value));
  const lists = new Set(compiled.rules.map(({ src }) => src));
  const sources = [...lists].reduce((sum, list) => sum + list.length, 0);
  return compiled.rules.length + sources;
}

const count = (n: number): number[] => [...Array(n).keys()];

describe('what is kept of a policy', () => {
  it.each([
    [
      'rules',
      (n: number) => ({ acls: count(n).map((i) => ({ action: 'accept', src: [`u${i}@x.y`], dst: [`v${i}@x.y:22`] })) }),
    ],
    [
      'sources and destinations of one rule',
      (n: number) => ({
        acls: [{ action: 'accept', src: count(n).map((i) => `u${i}@x.y`), dst: count(n).map((i) => `v${i}@x.y:22`) }],
      }),
    ],
    [
      'members of a group',
      (n: number) => ({
        groups: { 'group:a': count(n).map((i) => `u${i}@x.y`) },
        acls: [{ action: 'accept', src: ['group:a'], dst: ['group:a:22'] }],
      }),
    ],
    [
      'drop rules about single users',
      (n: number) => ({
        acls: [
          { action: 'accept', src: ['*'], dst: ['*:*'] },
          ...count(n).map((i) => ({ action: 'drop', src: [`u${i}@x.y`], dst: ['*:22'] })),
        ],
      }),
    ],
  ])('is linear in the number of %s', (_, policyOfSize) => {
    const [small, large] = [sizeOf(policyOfSize(100)), sizeOf(policyOfSize(1_000))];
    expect(large).toBeLessThanOrEqual(11 * small);
  });

  it('has a limit where parts multiply: an IP set as the destination of many rules', () => {
    expect(readPolicy(setInManyRules('u@x.y', 'ipset:a:22'), {}).problems).toMatchObject([
      { code: 'policy.too_large', line: 1 },
    ]);
  });

  it('asks a filter of every node to be no longer than the rules that concern it', () => {
    const policy = policyOf({ acls: count(500).map((i) => ({ action: 'accept', src: ['*'], dst: [`u${i}@x.y:22`] })) });
    const subjects = count(50).map((i) => subjectOf(`n${i}`, i + 1, `u${i}@x.y`));
    const view = new NetworkView(compilePolicy(policy), { subjects, directory: directoryOf() });
    expect(subjects.map(({ id }) => toPacketFilter(view, id).length)).toEqual(subjects.map(() => 1));
  });
});
