import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { directoryOf, policyOf, subjectOf } from '../testing.js';
import { compilePolicy } from './compile-policy.js';

const directory = directoryOf({ 'alice@example.com': 'admin' }, { 'bob@example.com': ['group:synced'] });

describe('compilePolicy', () => {
  const file = {
    groups: { 'group:eng': ['alice@example.com'] },
    tagOwners: { 'tag:web': ['group:eng'], 'tag:router': ['group:eng'] },
    acls: [
      { action: 'accept', src: ['group:eng', '10.0.0.0/8'], dst: ['tag:web:80,443', '192.168.0.0/16:*'] },
      { action: 'accept', src: ['autogroup:admin'], dst: ['autogroup:self:22'] },
    ],
  };

  it('gives a node the labels that rules name, and no others', () => {
    const { labelsOf } = compilePolicy(policyOf(file));
    const labels = (subject: Parameters<typeof labelsOf>[0]) => [...labelsOf(subject, directory)].sort();
    expect(labels(subjectOf('a', 1, 'alice@example.com'))).toEqual([
      'autogroup:admin',
      'autogroup:member',
      'group:eng',
    ]);
    expect(labels(subjectOf('b', 2, 'bob@example.com'))).toEqual(['autogroup:member']);
    expect(labels(subjectOf('w', 3, 'tag:web tag:router'))).toEqual(['tag:web']);
    const router = subjectOf('r', 4, 'tag:router', {
      addresses: ['10.1.2.3'],
      routes: ['192.168.7.0/24', '0.0.0.0/0'],
    });
    expect(labels(router)).toEqual(['ip:10.0.0.0/8', 'route:192.168.0.0/16']);
  });

  it('finds rules by the labels of either end', () => {
    const { rules, rulesTo, rulesFrom } = compilePolicy(policyOf(file));
    expect(rules).toHaveLength(3);
    expect(rulesTo('tag:web')).toEqual([rules[0]]);
    expect(rulesTo('route:192.168.0.0/16')).toEqual([rules[1]]);
    expect(rulesFrom('group:eng')).toEqual([rules[0], rules[1]]);
    expect(rulesFrom('ip:10.0.0.0/8')).toEqual([rules[0], rules[1]]);
    expect(rulesTo('nothing')).toEqual([]);
  });

  it('keeps the id of a rule whose content stays, whatever is around it', () => {
    const ids = (acls: unknown[]) => compilePolicy(policyOf({ ...file, acls })).rules.map(({ id }) => id);
    const [first, second] = file.acls;
    expect(ids([second, first]).sort()).toEqual(ids([first, second]).sort());
    expect(new Set([...ids([first]), ...ids([{ ...first, proto: 'tcp' }])]).size).toBe(4);
  });

  it('makes the same rule once, however often the file says it', () => {
    const { rules, origins } = compilePolicy(policyOf({ ...file, acls: [file.acls[1], file.acls[1]] }));
    expect(rules).toHaveLength(1);
    expect(origins.get(rules[0]?.id ?? '')?.map(({ name }) => name)).toEqual(['acls[0]', 'acls[1]']);
  });

  it('allows all without an access section, and nothing with an empty one', () => {
    expect(compilePolicy(policyOf({})).rules).toHaveLength(1);
    expect(compilePolicy(policyOf({ acls: [] })).rules).toHaveLength(0);
  });
});

describe('a policy compiled after another', () => {
  const parts = fc.record({
    acls: fc.subarray([
      { action: 'accept', src: ['group:eng'], dst: ['tag:web:80', 'db:5432'] },
      { action: 'accept', src: ['*'], dst: ['tag:web:22'] },
      { action: 'drop', src: ['group:ops'], dst: ['tag:web:*'] },
      { action: 'accept', src: ['group:ops'], dst: ['autogroup:self:*'] },
    ]),
    hosts: fc.constantFrom({ db: '10.0.0.1' }, { db: '10.0.0.2' }),
    defaultSrcPosture: fc.constantFrom([], ['posture:safe']),
  });
  const base = {
    groups: { 'group:eng': ['ann@example.com'], 'group:ops': ['bob@example.com'] },
    tagOwners: { 'tag:web': [] },
    postures: { 'posture:safe': ["node:os == 'linux'"] },
  };

  it('is what it is when it is compiled alone, whichever came before', () => {
    fc.assert(
      fc.property(parts, parts, (before, after) => {
        const policy = policyOf({ ...base, ...after });
        const alone = compilePolicy(policy);
        const next = compilePolicy(policy, compilePolicy(policyOf({ ...base, ...before })));
        expect(next.rules).toEqual(alone.rules);
        expect([...next.origins]).toEqual([...alone.origins]);
      }),
    );
  });
});
