import { describe, expect, it } from '@jest/globals';
import { NetworkView } from '../address/network-view.js';
import { seeEachOther } from '../address/visible-peers.js';
import { directoryOf, policyOf, subjectOf } from '../testing.js';
import { compilePolicy } from './compile-policy.js';
import { permits } from './permits.js';
import type { LabelledNode } from './reach.js';

const subjects = [
  subjectOf('ann', 1, 'ann@example.com'),
  subjectOf('eve', 2, 'eve@example.com'),
  subjectOf('db', 3, 'tag:db'),
  subjectOf('web', 4, 'tag:web'),
];

function worldOf(acls: unknown[]) {
  const policy = policyOf({
    acls,
    tagOwners: { 'tag:db': [], 'tag:web': [] },
    groups: { 'group:guests': ['eve@example.com'] },
  });
  const view = new NetworkView(compilePolicy(policy), { subjects, directory: directoryOf() });
  const node = (id: string) => view.node(id) as LabelledNode;
  const end = (id: string) => {
    const { subject, labels } = node(id);
    return { address: subject.addresses[0] ?? '', own: true, labels, user: subject.user };
  };
  return {
    rules: view.compiled.rules,
    sees: (a: string, b: string) => seeEachOther(view.compiled.rules, node(a), node(b)),
    allows: (from: string, to: string, port: number, protocol = 6) =>
      view.compiled.rules.some((rule) => permits(rule, { from: end(from), to: end(to), port, protocol })),
  };
}

const everything = { action: 'accept', src: ['*'], dst: ['*:*'] };

describe('drop rules', () => {
  it('override every accept, wherever they stand, and hide who is out of reach both ways', () => {
    const drop = [
      { action: 'drop', src: ['group:guests'], dst: ['tag:db:*'] },
      { action: 'drop', src: ['tag:db'], dst: ['group:guests:*'] },
    ];
    for (const acls of [
      [everything, ...drop],
      [...drop, everything],
    ]) {
      const { allows, sees } = worldOf(acls);
      expect([allows('eve', 'db', 22), allows('eve', 'web', 22), allows('ann', 'db', 22)]).toEqual([false, true, true]);
      expect([sees('eve', 'db'), sees('db', 'eve'), sees('eve', 'web')]).toEqual([false, false, true]);
    }
  });

  it('take single ports, and leave pings alone', () => {
    const { allows, sees } = worldOf([everything, { action: 'drop', src: ['*'], dst: ['tag:db:22,3306'] }]);
    expect([21, 22, 23, 3306].map((port) => allows('ann', 'db', port))).toEqual([true, false, true, false]);
    expect(allows('ann', 'db', 0, 1)).toBe(true);
    expect(sees('ann', 'db')).toBe(true);
  });

  it('take one protocol and leave the others', () => {
    const { allows } = worldOf([everything, { action: 'drop', proto: 'udp', src: ['*'], dst: ['*:*'] }]);
    expect([allows('ann', 'db', 53, 6), allows('ann', 'db', 53, 17)]).toEqual([true, false]);
  });

  it('of single users add a rule or two each', () => {
    const tags = [...Array(40).keys()].map((i) => `tag:${i % 2 ? 'db' : 'web'}`);
    const drops = tags.map((tag, i) => ({ action: 'drop', src: [`u${i}@example.com`], dst: [`${tag}:*`] }));
    expect(worldOf([everything, ...drops]).rules.length).toBeLessThanOrEqual(41);
  });

  it('grow with the number of drop rules, not with their combinations', () => {
    const drops = [...Array(100).keys()].map((i) => ({
      action: 'drop',
      src: ['*'],
      dst: [`10.0.${i}.0/24:*`, `tag:db:${i + 1}`],
    }));
    expect(worldOf([everything, ...drops]).rules.length).toBeLessThan(250);
  });
});
