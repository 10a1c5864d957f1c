import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { edited, formatted, someDocument, someEdits } from '../testing/random-edits.js';
import { plainValue } from './json-node.js';
import type { MergeOutcome } from './merge-outcome.js';
import { mergePolicyTexts } from './merge-policy-texts.js';
import { parseHujson } from './parse-hujson.js';

const base = `// The policy of the company.
{
  "groups": {
    "group:eng": ["ann@example.com", "bob@example.com"], // everyone who codes
    "group:ops": ["cid@example.com"],
  },
  "acls": [
    // databases
    { "action": "accept", "src": ["group:eng"], "dst": ["tag:db:5432"] },
    /* the web */
    { "action": "accept", "src": ["*"], "dst": ["tag:web:443"] },
  ],
}
`;
const edit = (...changes: readonly (readonly [string, string])[]) =>
  changes.reduce((text, [from, to]) => {
    expect(text).toContain(from);
    return text.replace(from, to);
  }, base);
const addToEng = ['"bob@example.com"]', '"bob@example.com", "dan@example.com"]'] as const;
const removeOps = ['    "group:ops": ["cid@example.com"],\n', ''] as const;
const line = (port: number) =>
  `    { "action": "accept", "src": ["cid@example.com"], "dst": ["tag:db:${port}"] }, // ${port}\n`;
const newRule = (port: number) => ['  ],\n}\n', `${line(port)}  ],\n}\n`] as const;

describe('two changes of a policy', () => {
  test.each([
    ['of different members', [addToEng], [removeOps]],
    ['of different rules', [['tag:db:5432', 'tag:db:5433']], [['["*"]', '["autogroup:member"]']]],
    ['of different parts of a rule', [['["group:eng"]', '["group:eng", "tag:ci"]']], [['tag:db:5432', 'tag:db:*']]],
    ['of comments and values', [['// databases', '// the databases']], [['tag:db:5432', 'tag:db:*']]],
    [
      'a rule that is removed and another that is edited',
      [['    { "action": "accept", "src": ["group:eng"], "dst": ["tag:db:5432"] },\n', '']],
      [['tag:web:443', 'tag:web:80']],
    ],
    ['of a key and of what is around it', [['"group:ops"', '"group:sre"']], [addToEng, ['the company', 'our company']]],
  ] as const)('%s are both in the merged text, which keeps all else', (_, ours, theirs) => {
    const both = edit(...ours, ...theirs);
    expect(mergePolicyTexts(base, edit(...ours), edit(...theirs))).toEqual({ text: both });
    expect(mergePolicyTexts(base, edit(...theirs), edit(...ours))).toEqual({ text: both });
  });

  test('rules that both append are both there, and one that both append is there once', () => {
    const { text = '' } = mergePolicyTexts(base, edit(newRule(1)), edit(newRule(2)));
    expect(text).toBe(edit(newRule(1)).replace(line(1), line(1) + line(2)));
    expect(mergePolicyTexts(base, edit(newRule(1)), edit(newRule(1), addToEng))).toEqual({
      text: edit(newRule(1), addToEng),
    });
  });

  test('lists on one line stay on it', () => {
    const [ours, theirs] = ['{"a": ["y", "x", "z"]}', '{"a": ["x"], "b": 1}'];
    expect(mergePolicyTexts('{"a": ["x", "z"]}', ours, theirs)).toEqual({ text: '{"a": ["y", "x"], "b": 1}' });
  });

  test('a comment at the end of a line does not swallow what is put behind it', () => {
    const { text = '' } = mergePolicyTexts('[1 // one\n]', '[1 // one\n, 2]', '[1 // one\n, 3]');
    expect(valueIn(text)).toEqual([1, 2, 3]);
  });
});

describe('conflicts', () => {
  const conflictsOf = (ours: string, theirs: string, from = base) => mergePolicyTexts(from, ours, theirs).conflicts;

  test('the same value changed in two ways: where, and what each side has there', () => {
    const ours = edit(['tag:db:5432', 'tag:db:5433']);
    expect(conflictsOf(ours, edit(addToEng, ['tag:db:5432', 'tag:db:5434']))).toEqual([
      {
        path: 'acls[0].dst[0]',
        message: 'both sides replaced it',
        base: { text: '"tag:db:5432"', line: 9 },
        ours: { text: '"tag:db:5433"', line: 9 },
        theirs: { text: '"tag:db:5434"', line: 9 },
      },
    ]);
  });

  test.each([
    ['removed here and changed there', edit(removeOps), edit(['cid@', 'dan@']), 'groups["group:ops"]'],
    ['added in two ways', edit(['"acls"', '"ssh": 1, "acls"']), edit(['"acls"', '"ssh": 2, "acls"']), 'ssh'],
    ['comments changed in two ways', edit(['// databases', '// a']), edit(['// databases', '// b']), 'acls[0]'],
    ['well-formed here only', edit(addToEng), '{', ''],
  ])('%s', (_, ours, theirs, path) => {
    expect(conflictsOf(ours, theirs)).toMatchObject([{ path }]);
    expect(conflictsOf(theirs, ours)).toMatchObject([{ path }]);
  });

  test('a removal is not undone by a move', () => {
    expect(conflictsOf('["b", "c", "a"]', '["b", "c"]', '["a", "b", "c"]')).toMatchObject([{ path: '[0]' }]);
  });

  test('where the order matters, two additions at one place', () => {
    const sets = (...more: string[]) => `{"ipsets": {"ipset:a": [${['"10.0.0.0/8"', ...more].join()}]}}`;
    expect(conflictsOf(sets('"remove 10.1.0.0/16"'), sets('"10.1.2.0/24"'), sets())).toMatchObject([
      { path: 'ipsets["ipset:a"][1]' },
    ]);
  });
});

const valueIn = (text: string): unknown => {
  const { node, problems } = parseHujson(text);
  expect(problems).toEqual([]);
  return node && plainValue(node);
};

const pathsOf = ({ conflicts = [] }: MergeOutcome): string[] => conflicts.map(({ path }) => path).sort();

const leaves = (value: unknown): string[] => {
  if (Array.isArray(value)) return value.flatMap(leaves);
  if (typeof value !== 'object' || value === null) return [JSON.stringify(value)];
  return Object.entries(value).flatMap(([key, inner]) => [JSON.stringify(key), ...leaves(inner)]);
};

describe('laws of merging', () => {
  const versions = fc
    .tuple(someDocument, someEdits, someEdits, fc.nat(50), fc.boolean())
    .map(([document, one, other, seed, isPlain]) => ({
      b: formatted(document, seed),
      o: formatted(edited(document, one), isPlain ? 0 : seed),
      t: formatted(edited(document, other), seed),
    }));

  test('what only one side changed is its text', () => {
    fc.assert(
      fc.property(versions, ({ b, o, t }) => {
        expect(mergePolicyTexts(b, b, t)).toEqual({ text: t });
        expect(mergePolicyTexts(b, o, b)).toEqual({ text: o });
        expect(mergePolicyTexts(b, t, t)).toEqual({ text: t });
      }),
    );
  });

  test('a merged text is well formed, the same whoever is who, and made of nothing but the two', () => {
    let merged = 0;
    fc.assert(
      fc.property(versions, ({ b, o, t }) => {
        const [one, other] = [mergePolicyTexts(b, o, t), mergePolicyTexts(b, t, o)];
        expect(pathsOf(other)).toEqual(pathsOf(one));
        if (one.text === undefined || other.text === undefined) return;
        merged++;
        const value = valueIn(one.text);
        expect(valueIn(other.text)).toEqual(value);
        const known = new Set([...leaves(valueIn(o)), ...leaves(valueIn(t))]);
        expect(leaves(value).filter((leaf) => !known.has(leaf))).toEqual([]);
      }),
      { numRuns: 300 },
    );
    expect(merged).toBeGreaterThan(50);
  });

  test('changes of different sections are both made, to the letter where the formatting is the same', () => {
    fc.assert(
      fc.property(someDocument, someEdits, someEdits, fc.nat(20), ({ acls, groups }, one, other, seed) => {
        const [rules, people] = [edited(acls, one), edited(groups, other)];
        const write = (a: unknown, g: unknown) =>
          `{"acls": ${formatted(a as never, seed)}, "groups": ${formatted(g as never, seed)}}`;
        const outcome = mergePolicyTexts(write(acls, groups), write(rules, groups), write(acls, people));
        expect(outcome).toEqual({ text: write(rules, people) });
      }),
    );
  });

  test('rules that one side edits and the other adds or removes elsewhere', () => {
    const rules = fc.uniqueArray(fc.nat(99), { minLength: 2, maxLength: 8 });
    const write = (ports: readonly number[], extra: ReadonlySet<number> = new Set()) =>
      JSON.stringify(
        ports.map((port) => ({ src: [`u${port}`], dst: [port], ...(extra.has(port) && { via: 1 }) })),
        null,
        1,
      );
    fc.assert(
      fc.property(rules, fc.nat(), fc.nat(), (ports, at, gone) => {
        const [port, removed] = [ports[at % ports.length] as number, ports[gone % ports.length] as number];
        fc.pre(port !== removed);
        const left = [...ports.filter((one) => one !== removed), 100];
        const { text = '' } = mergePolicyTexts(write(ports), write(ports, new Set([port])), write(left));
        expect(valueIn(text)).toEqual(JSON.parse(write(left, new Set([port]))));
      }),
    );
  });
});
