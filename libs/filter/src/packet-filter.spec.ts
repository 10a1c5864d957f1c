import { beforeEach, describe, expect, test } from '@jest/globals';
import type { PacketFilter } from './packet-filter.js';
import { FilterFixture, PEER, peer, rule, SELF } from './testing/filter-fixture.js';
import { echo, ipPacket, tcp, transport, udp } from './testing/packet-builder.js';

let fixture: FilterFixture;
let filter: PacketFilter;
beforeEach(() => {
  fixture = new FilterFixture();
  ({ filter } = fixture);
});

const inbound: FilterFixture['inbound'] = (...words) => fixture.inbound(...words);

describe('rules', () => {
  test('what a rule permits is let in, and the verdict names the rule', () => {
    expect(filter.inbound(0, 'p', tcp(PEER, SELF, [4000, 22]))).toEqual({ allowed: true, reason: 'rule', rule: 'ssh' });
    expect(inbound(tcp('fd7a::2', 'fd7a::1', [4000, 22]))).toBe('rule');
    expect(inbound(udp(PEER, SELF, [4000, 22]))).toBe('rule');
  });

  test('what none permits is not', () => {
    expect(inbound(tcp(PEER, SELF, [4000, 23]))).toBe('denied');
    expect(inbound(tcp(PEER, '100.64.0.9', [4000, 22]))).toBe('denied');
    expect(inbound(tcp('192.168.1.5', SELF, [4000, 22]))).toBe('denied');
    expect(inbound(tcp(PEER, SELF, [4000, 22]), 0, 'stranger')).toBe('unknown-peer');
    expect(filter.counters).toMatchObject({ denied: 3, 'unknown-peer': 1, rule: 0 });
  });

  test('an empty filter lets nothing in', () => {
    filter.configure({ self: { addresses: [SELF] }, rules: [], peers: [peer()] });
    expect(inbound(tcp(PEER, SELF, [4000, 22]))).toBe('denied');
    expect(inbound(echo(PEER, SELF, 'request', 1))).toBe('denied');
  });

  test('ICMP echo passes with any port of a rule for it, and not without', () => {
    expect(inbound(echo(PEER, SELF, 'request', 1))).toBe('rule');
    expect(inbound(echo('fd7a::2', 'fd7a::1', 'request', 1))).toBe('rule');
    filter.setRules([rule('ssh', { ports: [] })]);
    expect(inbound(echo(PEER, SELF, 'request', 1))).toBe('denied');
    filter.setRules([rule('ssh', { protocols: [6] })]);
    expect(inbound(echo(PEER, SELF, 'request', 1))).toBe('denied');
  });

  test('a protocol without ports needs a rule for it and for every port', () => {
    const gre = ipPacket({ from: PEER, to: SELF, protocol: 47, payload: new Uint8Array(8) });
    filter.setRules([rule('gre', { protocols: [47] })]);
    expect(inbound(gre)).toBe('denied');
    filter.setRules([rule('gre', { protocols: [47], ports: [{ first: 0, last: 65535 }] })]);
    expect(inbound(gre)).toBe('rule');
  });

  test('same-user is for peers of this node’s user, and for nobody when it has none', () => {
    const rules = [rule('own', { src: [{ kind: 'same-user' }] })];
    const configure = (self?: string, user?: string) =>
      filter.configure({ self: { addresses: [SELF], user: self }, rules, peers: [peer({ user })] });
    configure('alice', 'alice');
    expect(inbound(tcp(PEER, SELF, [1, 22]))).toBe('rule');
    configure('alice', 'bob');
    expect(inbound(tcp(PEER, SELF, [1, 22]))).toBe('revoked');
    configure(undefined, undefined);
    expect(inbound(tcp(PEER, SELF, [2, 22]))).toBe('denied');
  });

  test('a rule for the same user keeps others out, whatever else it says of its sources', () => {
    for (const src of [{ kind: 'any' }, { kind: 'label', label: 'group:eng' }] as const) {
      const rules = [rule('own', { src: [src, { kind: 'prefix', prefix: '10.9.0.0/16' }], sameUser: true })];
      const configure = (user?: string) =>
        filter.configure({ self: { addresses: [SELF], user: 'alice' }, rules, peers: [peer({ user })] });
      configure('alice');
      expect(inbound(echo(PEER, SELF, 'request', 1))).toBe('rule');
      expect(inbound(echo('10.9.3.4', SELF, 'request', 1))).toBe('denied');
      configure('bob');
      expect(inbound(echo(PEER, SELF, 'request', 1))).toBe('denied');
    }
  });

  test('behind a subnet router, the prefix decides, and identity does not', () => {
    const lan = { kind: 'prefix', prefix: '192.168.1.0/24' } as const;
    filter.setRules([rule('lan', { dst: lan }), rule('site', { src: [{ kind: 'prefix', prefix: '10.9.0.0/16' }] })]);
    expect(inbound(tcp(PEER, '192.168.1.10', [1, 22]))).toBe('rule');
    expect(inbound(tcp(PEER, '192.168.2.10', [1, 22]))).toBe('denied');
    expect(inbound(tcp('10.9.3.4', SELF, [1, 22]))).toBe('rule');
    expect(inbound(tcp('10.9.3.4', '192.168.1.10', [1, 22]))).toBe('denied');
  });
});

describe('a change of the rules', () => {
  const site = (id: string, port: number) =>
    rule(id, { src: [{ kind: 'prefix', prefix: '10.9.0.0/16' }], ports: [{ first: port, last: port }] });
  const from = '10.9.3.4';

  test('takes away one of two rules about the same prefix', () => {
    filter.setRules([site('a', 22), site('b', 80)]);
    expect(inbound(tcp(from, SELF, [1, 22]))).toBe('rule');
    filter.setRules([site('b', 80)]);
    expect(inbound(tcp(from, SELF, [2, 22]))).toBe('denied');
    expect(inbound(tcp(from, SELF, [2, 80]))).toBe('rule');
  });

  test('gives an address a more specific prefix, and takes it away again', () => {
    const narrow = rule('narrow', {
      src: [{ kind: 'prefix', prefix: '10.9.3.0/24' }],
      ports: [{ first: 80, last: 80 }],
    });
    filter.setRules([site('a', 22)]);
    expect(inbound(tcp(from, SELF, [1, 80]))).toBe('denied');
    filter.setRules([site('a', 22), narrow]);
    for (const port of [22, 80]) expect(inbound(tcp(from, SELF, [2, port]))).toBe('rule');
    filter.setRules([site('a', 22)]);
    expect(inbound(tcp(from, SELF, [3, 80]))).toBe('denied');
    expect(inbound(tcp(from, SELF, [3, 22]))).toBe('rule');
  });

  test('keeps a rule that is equal, and takes one that differs under the same id', () => {
    filter.setRules([rule('ssh')]);
    expect(inbound(tcp(PEER, SELF, [1, 22]))).toBe('rule');
    filter.setRules([rule('ssh', { ports: [{ first: 80, last: 80 }] })]);
    expect(inbound(tcp(PEER, SELF, [1, 22]))).toBe('revoked');
    expect(inbound(tcp(PEER, SELF, [1, 80]))).toBe('rule');
  });

  test('an address that this node gave up is no longer itself, also where a rule names it', () => {
    const named = rule('named', { dst: { kind: 'prefix', prefix: SELF }, ports: [{ first: 80, last: 80 }] });
    filter.setRules([rule('ssh'), named]);
    expect(inbound(tcp(PEER, SELF, [1, 22]))).toBe('rule');
    filter.setSelf({ addresses: ['100.64.0.7'] });
    expect(inbound(tcp(PEER, SELF, [2, 22]))).toBe('denied');
    expect(inbound(tcp(PEER, SELF, [2, 80]))).toBe('rule');
  });
});

describe('fragments', () => {
  const fragment = (id: number, offset: number, more: boolean, payload: Uint8Array, from = PEER) =>
    ipPacket({ from, to: SELF, protocol: 6, payload, fragment: { id, offset, more } });
  const first = (id: number, port: number) => fragment(id, 0, true, transport(4000, port));

  test('follow the first one', () => {
    expect(inbound(fragment(1, 24, false, new Uint8Array(8)))).toBe('stray-fragment');
    expect(inbound(first(1, 22))).toBe('rule');
    expect(inbound(fragment(1, 24, false, new Uint8Array(8)))).toBe('fragment');
    expect(inbound(fragment(2, 24, false, new Uint8Array(8)))).toBe('stray-fragment');
    expect(inbound(fragment(1, 24, false, new Uint8Array(8)), 30_000)).toBe('stray-fragment');
    expect(inbound(first(3, 23))).toBe('denied');
    expect(inbound(fragment(3, 24, false, new Uint8Array(8)))).toBe('stray-fragment');
  });

  test('go on arriving while rules and peers change that are not theirs', () => {
    const rest = (id: number) => inbound(fragment(id, 24, false, new Uint8Array(8)));
    expect(inbound(first(1, 22))).toBe('rule');
    filter.setPeer({ id: 'other', addresses: ['100.64.0.3'], labels: [] });
    filter.setRules([rule('ssh'), rule('web', { ports: [{ first: 80, last: 80 }] })]);
    expect(rest(1)).toBe('fragment');
    filter.setRules([rule('web', { ports: [{ first: 80, last: 80 }] })]);
    expect([rest(1), rest(1)]).toEqual(['stray-fragment', 'stray-fragment']);
    // An answer needs no rule.
    filter.outbound(0, 'p', tcp(SELF, PEER, [9000, 443]));
    expect(inbound(fragment(2, 0, true, transport(443, 9000)))).toBe('reply');
    filter.setRules([]);
    expect(rest(2)).toBe('fragment');
    filter.removePeer('p');
    filter.setPeer({ id: 'p', addresses: [PEER], labels: [] });
    expect(rest(2)).toBe('stray-fragment');
  });

  test('do not outlive the rule that let the first one in', () => {
    expect(inbound(first(1, 22))).toBe('rule');
    filter.setRules([]);
    expect(inbound(fragment(1, 24, false, new Uint8Array(8)))).toBe('stray-fragment');
  });

  test('that hide or overwrite the transport header are malformed', () => {
    expect(inbound(fragment(1, 0, true, transport(4000, 22).subarray(0, 8)))).toBe('malformed');
    expect(inbound(first(1, 22))).toBe('rule');
    expect(inbound(fragment(1, 8, false, new Uint8Array(16)))).toBe('malformed');
  });

  test('of IPv6', () => {
    const six = (offset: number, more: number, payload: Uint8Array) => {
      const bytes = new Uint8Array(8);
      new DataView(bytes.buffer).setUint16(2, offset | more);
      bytes[7] = 77;
      const extensions = [{ type: 44, bytes }];
      return ipPacket({ from: 'fd7a::2', to: 'fd7a::1', protocol: 6, payload, extensions });
    };
    expect(inbound(six(24, 0, new Uint8Array(8)))).toBe('stray-fragment');
    expect(inbound(six(0, 1, transport(1, 22)))).toBe('rule');
    expect(inbound(six(24, 0, new Uint8Array(8)))).toBe('fragment');
    expect(inbound(six(0, 0, transport(1, 22)))).toBe('rule');
  });
});

test('a packet that claims to come from this node, or from no host, is spoofed', () => {
  for (const from of [SELF, '127.0.0.1', '224.0.0.1', '255.255.255.255', '0.0.0.0']) {
    expect(inbound(tcp(from, SELF, [1, 22]))).toBe('spoofed');
  }
  for (const from of ['fd7a::1', '::1', '::', 'ff02::1'])
    expect(inbound(tcp(from, 'fd7a::1', [1, 22]))).toBe('spoofed');
});

test('a refused set of rules leaves the old one in force', () => {
  const bad = { ports: [{ first: 9, last: 8 }] };
  expect(() => filter.setRules([rule('new'), rule('bad', bad)])).toThrow('9-8 is not a range of ports');
  expect(() => filter.setRules([rule('x'), rule('x')])).toThrow('two rules have the id x');
  expect(() => filter.setRules([rule('x', { protocols: [256] })])).toThrow('256 is not a protocol number');
  expect(filter.inbound(0, 'p', tcp(PEER, SELF, [1, 22])).rule).toBe('ssh');
});

test('a packet within a larger array is found by its offset and length', () => {
  const packet = tcp(PEER, SELF, [1, 22]);
  const array = new Uint8Array(100);
  array.set(packet, 13);
  expect(filter.inbound(0, 'p', array, 13, packet.length).reason).toBe('rule');
  expect(filter.inbound(0, 'p', array, 13).reason).toBe('rule');
  expect(filter.inbound(0, 'p', array, 13, 30).reason).toBe('malformed');
  expect(filter.inbound(0, 'p', array, 90, 30).reason).toBe('malformed');
  filter.outbound(0, 'p', array, 90, 30);
});
