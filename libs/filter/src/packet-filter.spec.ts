import { beforeEach, describe, expect, test } from '@jest/globals';
import type { FilterRule } from './filter-rule.js';
import { PacketFilter } from './packet-filter.js';
import { echo, icmp, ipPacket, tcp, transport, udp } from './testing/packet-builder.js';

const SELF = '100.64.0.1';
const PEER = '100.64.0.2';
const SYN = 0x02;
const SYN_ACK = 0x12;
const ACK = 0x10;
const FIN_ACK = 0x11;
const RST = 0x04;

const rule = (id: string, over: Partial<FilterRule> = {}): FilterRule => ({
  id,
  src: [{ kind: 'label', label: 'group:eng' }],
  dst: { kind: 'self' },
  protocols: [],
  ports: [{ first: 22, last: 22 }],
  ...over,
});

const peer = (over: object = {}) => ({ id: 'p', addresses: [PEER, 'fd7a::2'], labels: ['group:eng'], ...over });

let filter: PacketFilter;
beforeEach(() => {
  filter = new PacketFilter({ seed: 7 });
  filter.configure({ self: { addresses: [SELF, 'fd7a::1'] }, rules: [rule('ssh')], peers: [peer()] });
});

const inbound = (packet: Uint8Array, now = 0, from = 'p') => filter.inbound(now, from, packet).reason;
const outbound = (packet: Uint8Array, now = 0, to = 'p') => filter.outbound(now, to, packet);

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

describe('flows', () => {
  test('answers to what this node begins are let in, from that peer and port only', () => {
    outbound(tcp(SELF, PEER, [5000, 443], SYN));
    expect(inbound(tcp(PEER, SELF, [443, 5000], SYN_ACK))).toBe('reply');
    expect(inbound(tcp(PEER, SELF, [444, 5000], SYN_ACK))).toBe('denied');
    outbound(udp(SELF, PEER, [5000, 53]));
    expect(inbound(udp(PEER, SELF, [53, 5000]))).toBe('reply');
    expect(inbound(udp(PEER, SELF, [53, 5001]))).toBe('denied');
    filter.setPeer(peer({ id: 'q', addresses: ['100.64.0.3'] }));
    expect(inbound(udp(PEER, SELF, [53, 5000]), 0, 'q')).toBe('denied');
  });

  test('an echo reply needs its request', () => {
    expect(inbound(echo(PEER, SELF, 'reply', 9))).toBe('denied');
    outbound(echo(SELF, PEER, 'request', 9));
    expect(inbound(echo(PEER, SELF, 'reply', 9))).toBe('reply');
    expect(inbound(echo(PEER, SELF, 'reply', 10))).toBe('denied');
    outbound(echo('fd7a::1', 'fd7a::2', 'request', 0));
    expect(inbound(echo('fd7a::2', 'fd7a::1', 'reply', 0))).toBe('reply');
  });

  test('a peer cannot begin a connection in the place of one of this node’s own', () => {
    outbound(tcp(SELF, PEER, [5000, 443], SYN));
    expect(inbound(tcp(PEER, SELF, [443, 5000], SYN_ACK))).toBe('reply');
    expect(inbound(tcp(PEER, SELF, [443, 5000], SYN))).toBe('denied');
    expect(inbound(tcp(PEER, SELF, [443, 5000], ACK))).toBe('reply');
  });

  test('both may begin at once', () => {
    outbound(tcp(SELF, PEER, [5000, 443], SYN));
    expect(inbound(tcp(PEER, SELF, [443, 5000], SYN))).toBe('reply');
  });

  test('a connection that a rule permits may be taken up in the middle', () => {
    expect(inbound(tcp(PEER, SELF, [4000, 22], ACK))).toBe('rule');
  });

  test('flows are forgotten after their time', () => {
    outbound(udp(SELF, PEER, [5000, 53]));
    expect(inbound(udp(PEER, SELF, [53, 5000]), 119_999)).toBe('reply');
    expect(inbound(udp(PEER, SELF, [53, 5000]), 119_999 + 300_000)).toBe('denied');
    outbound(tcp(SELF, PEER, [5000, 443], SYN));
    expect(inbound(tcp(PEER, SELF, [443, 5000], SYN_ACK))).toBe('reply');
    expect(inbound(tcp(PEER, SELF, [443, 5000], ACK), 7_439_999)).toBe('reply');
    expect(inbound(tcp(PEER, SELF, [443, 5000], FIN_ACK), 7_440_000)).toBe('reply');
    outbound(tcp(SELF, PEER, [5000, 443], FIN_ACK), 7_440_000);
    expect(inbound(tcp(PEER, SELF, [443, 5000], ACK), 7_440_000 + 240_000)).toBe('denied');
  });

  test('a reset ends a flow soon', () => {
    outbound(tcp(SELF, PEER, [5000, 443], SYN));
    expect(inbound(tcp(PEER, SELF, [443, 5000], RST))).toBe('reply');
    expect(inbound(tcp(PEER, SELF, [443, 5000], ACK), 10_000)).toBe('denied');
  });

  test('a peer that floods cannot crowd out this node’s own flows', () => {
    filter = new PacketFilter({ seed: 7, flows: 64 });
    filter.configure({ self: { addresses: [SELF] }, rules: [rule('ssh')], peers: [peer()] });
    outbound(udp(SELF, PEER, [5000, 53]));
    for (let port = 1; port <= 1000; port++) inbound(tcp(PEER, SELF, [port, 22]));
    expect(filter.flows).toBe(65);
    expect(inbound(udp(PEER, SELF, [53, 5000]))).toBe('reply');
  });

  test('an idle flow makes way for a new one', () => {
    filter = new PacketFilter({ seed: 7, flows: 2 });
    filter.configure({ self: { addresses: [SELF] }, rules: [], peers: [peer()] });
    for (const port of [1, 2]) outbound(udp(SELF, PEER, [port, 53]));
    outbound(udp(SELF, PEER, [1, 53]));
    outbound(udp(SELF, PEER, [3, 53]));
    expect([1, 2, 3].map((port) => inbound(udp(PEER, SELF, [53, port])))).toEqual(['reply', 'denied', 'reply']);
  });
});

describe('withdrawn access', () => {
  test('cuts the flows that it began at once, and answers do not bring them back', () => {
    expect(inbound(tcp(PEER, SELF, [4000, 22], SYN))).toBe('rule');
    outbound(tcp(SELF, PEER, [22, 4000], SYN_ACK));
    filter.setRules([]);
    expect(inbound(tcp(PEER, SELF, [4000, 22], ACK))).toBe('revoked');
    outbound(tcp(SELF, PEER, [22, 4000], ACK));
    expect(inbound(tcp(PEER, SELF, [4000, 22], ACK))).toBe('revoked');
    expect(inbound(tcp(PEER, SELF, [4000, 22], SYN))).toBe('revoked');
  });

  test('also for UDP, where the answers go on', () => {
    expect(inbound(udp(PEER, SELF, [4000, 22]))).toBe('rule');
    filter.setRules([]);
    for (let now = 0; now < 1_000_000; now += 100_000) {
      outbound(udp(SELF, PEER, [22, 4000]), now);
      expect(inbound(udp(PEER, SELF, [4000, 22]), now)).toBe('revoked');
    }
  });

  test('when no state is left, the answers to a connection that was cut do not count as one of this node’s own', () => {
    outbound(tcp(SELF, PEER, [22, 4000], ACK));
    filter.setRules([]);
    expect(inbound(tcp(PEER, SELF, [4000, 22], ACK))).toBe('denied');
  });

  test('by a label that the peer lost', () => {
    expect(inbound(tcp(PEER, SELF, [4000, 22]))).toBe('rule');
    filter.setPeer(peer({ labels: [] }));
    expect(inbound(tcp(PEER, SELF, [4000, 22], ACK))).toBe('revoked');
    filter.setPeer(peer());
    expect(inbound(tcp(PEER, SELF, [4000, 22], ACK))).toBe('rule');
  });

  test('does not reach a flow through another peer to which its route moved', () => {
    const lan = '192.168.1.10';
    const site = (id: string, label: string) => peer({ id, labels: [label] });
    filter.configure({
      self: { addresses: [SELF] },
      rules: [rule('any', { src: [{ kind: 'any' }] })],
      peers: [site('p', 'a'), site('q', 'b')],
    });
    expect(inbound(udp(lan, SELF, [4000, 22]), 0, 'p')).toBe('rule');
    outbound(udp(SELF, lan, [22, 4000]), 0, 'q');
    expect(inbound(udp(lan, SELF, [4000, 22]), 0, 'q')).toBe('rule');
    expect(inbound(udp(PEER, SELF, [4000, 22]), 0, 'p')).toBe('rule');
    filter.setRules([rule('a', { src: [{ kind: 'label', label: 'a' }] })]);
    expect(inbound(udp(PEER, SELF, [4000, 22]), 0, 'p')).toBe('rule');
    outbound(udp(SELF, PEER, [22, 4000]), 0, 'q');
    expect(inbound(udp(PEER, SELF, [4000, 22]), 0, 'q')).toBe('revoked');
  });

  test('leaves what this node began', () => {
    outbound(tcp(SELF, PEER, [5000, 443], SYN));
    filter.setRules([]);
    expect(inbound(tcp(PEER, SELF, [443, 5000], SYN_ACK))).toBe('reply');
  });

  test('a removed peer gets nothing in, and its return revives nothing', () => {
    outbound(udp(SELF, PEER, [5000, 53]));
    expect(inbound(udp(PEER, SELF, [4000, 22]))).toBe('rule');
    filter.removePeer('p');
    expect(inbound(udp(PEER, SELF, [53, 5000]))).toBe('unknown-peer');
    filter.setPeer(peer({ labels: [] }));
    expect(inbound(udp(PEER, SELF, [53, 5000]))).toBe('denied');
    outbound(udp(SELF, PEER, [22, 4000]));
    expect(inbound(udp(PEER, SELF, [4000, 22]))).toBe('revoked');
  });

  test('this node may begin anew where a flow was cut', () => {
    expect(inbound(tcp(PEER, SELF, [4000, 22]))).toBe('rule');
    filter.setRules([]);
    outbound(tcp(SELF, PEER, [22, 4000], SYN));
    expect(inbound(tcp(PEER, SELF, [4000, 22], SYN_ACK))).toBe('reply');
  });
});

describe('ICMP errors', () => {
  const UNREACHABLE = 3;

  test('are let in about packets of a live flow, from any router of that peer', () => {
    const sent = udp(SELF, PEER, [5000, 53], new Uint8Array(100));
    expect(inbound(icmp(PEER, SELF, UNREACHABLE, 0, sent.subarray(0, 28)))).toBe('denied');
    outbound(sent);
    expect(inbound(icmp(PEER, SELF, UNREACHABLE, 0, sent.subarray(0, 28)))).toBe('reply');
    expect(inbound(icmp('10.0.0.1', SELF, UNREACHABLE, 0, sent.subarray(0, 28)))).toBe('reply');
  });

  test('about answers that this node gave, for as long as the flow is permitted', () => {
    expect(inbound(tcp(PEER, SELF, [4000, 22]))).toBe('rule');
    const tooBig = icmp(PEER, SELF, UNREACHABLE, 1280, tcp(SELF, PEER, [22, 4000], ACK).subarray(0, 28));
    expect(inbound(tooBig)).toBe('reply');
    filter.setRules([]);
    expect(inbound(tooBig)).toBe('revoked');
  });

  test('about an echo request', () => {
    outbound(echo(SELF, PEER, 'request', 9));
    expect(inbound(icmp(PEER, SELF, 11, 0, echo(SELF, PEER, 'request', 9)))).toBe('reply');
    expect(inbound(icmp(PEER, SELF, 11, 0, echo(SELF, PEER, 'reply', 9)))).toBe('denied');
  });

  test('that quote what another host sent, or nothing, are not', () => {
    const sent = udp(SELF, PEER, [5000, 53]);
    outbound(sent);
    expect(inbound(icmp(PEER, '192.168.1.1', UNREACHABLE, 0, sent))).toBe('denied');
    expect(inbound(icmp(PEER, SELF, UNREACHABLE, 0, sent.subarray(0, 27)))).toBe('malformed');
    expect(inbound(icmp(PEER, SELF, UNREACHABLE))).toBe('malformed');
  });

  test('ICMP that configures hosts is never let in', () => {
    const all = [{ first: 0, last: 65535 }];
    filter.setRules([rule('all', { src: [{ kind: 'any' }], protocols: [1, 58], ports: all })]);
    for (const redirect of [icmp(PEER, SELF, 5), icmp('fd7a::2', 'fd7a::1', 137), icmp('fd7a::2', 'fd7a::1', 134)]) {
      expect(inbound(redirect)).toBe('forbidden');
    }
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
