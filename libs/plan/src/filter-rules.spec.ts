import { describe, expect, test } from '@jest/globals';
import type { RuleItem, SelfItem } from '#netmap';
import { filterRules } from './filter-rules.js';

const ALL_PORTS = [{ first: 0, last: 65535 }];

const self = (more: Partial<SelfItem> = {}): SelfItem => ({
  kind: 'self',
  id: 'n1',
  name: 'one',
  dnsName: 'one.home.internal',
  ipv4: '100.64.0.1',
  ipv6: 'fd7a::1',
  user: 'alice@example.com',
  tags: [],
  nodeKey: '',
  keyExpiresAt: undefined,
  approved: true,
  expired: false,
  suspended: false,
  routes: [],
  labels: [],
  ...more,
});

const rule = (dst: RuleItem['dst']): RuleItem => ({
  kind: 'rule',
  id: 'r',
  src: [{ kind: 'any' }],
  dst,
  protocols: [],
  ports: ALL_PORTS,
  via: [],
});

const alone = { peers: [], accepted: [], tailnet: ['100.64.0.0/10', 'fd7a::/48'] };

/** The destinations that a rule has at a node. */
function at(dst: RuleItem['dst'], me: SelfItem): string[] {
  return [...filterRules([rule(dst)], me, alone).values()].map((one) =>
    one.dst.kind === 'self' ? 'self' : one.dst.prefix,
  );
}

const serving = (...prefixes: string[]) =>
  self({ routes: prefixes.map((prefix) => ({ prefix, approved: !prefix.startsWith('10.2'), primary: true })) });

describe('the filter of a node', () => {
  test('lets in what is for the node or for what it serves, and nothing that it was once to serve', () => {
    const any = { kind: 'any' } as const;
    expect(at(any, self())).toEqual(['self']);
    expect(at(any, serving('10.1.0.0/24', '10.2.0.0/24'))).toEqual(['self', '10.1.0.0/24']);
  });

  test('takes of a prefix what lies at the node: its addresses, and the routes that it serves', () => {
    const prefix = (text: string) => ({ kind: 'prefix', prefix: text }) as const;
    expect(at(prefix('10.0.0.0/8'), self())).toEqual([]);
    expect(at(prefix('10.0.0.0/8'), serving('10.1.0.0/24', '10.2.0.0/24'))).toEqual(['10.1.0.0/24']);
    expect(at(prefix('10.1.0.7/32'), serving('10.1.0.0/24'))).toEqual(['10.1.0.7/32']);
    expect(at(prefix('100.64.0.0/10'), self())).toEqual(['100.64.0.1/32']);
  });

  test('of an exit node answers questions about names for those who might ask anybody through it', () => {
    const internet = { kind: 'internet' } as const;
    const exit = serving('0.0.0.0/0', '::/0');
    const names = (one: RuleItem, me: SelfItem) => filterRules([one], me, alone).get('r/names');
    expect(names(rule(internet), exit)).toMatchObject({
      dst: { kind: 'prefix', prefix: '100.64.0.1/32' },
      protocols: [17, 6],
      ports: [{ first: 53, last: 53 }],
    });
    const web = { ...rule(internet), ports: [{ first: 443, last: 443 }] };
    expect(names(web, exit)).toBeUndefined();
    expect(names({ ...rule(internet), protocols: [6] }, exit)).toBeUndefined();
    expect(names({ ...rule(internet), via: ['tag:other'] }, exit)).toBeUndefined();
    expect(names(rule({ kind: 'prefix', prefix: '8.8.8.8/32' }), exit)).toBeUndefined();
    expect(names(rule(internet), serving('10.1.0.0/24'))).toBeUndefined();
  });

  test('is for the same user only where the policy says so', () => {
    const ruleOf = (dst: RuleItem['dst']) =>
      filterRules([rule(dst)], self({ labels: ['autogroup:member'] }), alone).get('r');
    expect(ruleOf({ kind: 'same-user' })).toMatchObject({ dst: { kind: 'self' }, sameUser: true });
    expect(ruleOf({ kind: 'any' })).not.toHaveProperty('sameUser');
  });
});
