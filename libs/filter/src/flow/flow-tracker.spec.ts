import { beforeEach, describe, expect, test } from '@jest/globals';
import type { PacketFilter } from '../packet-filter.js';
import { FilterFixture, PEER, peer, rule, SELF } from '../testing/filter-fixture.js';
import { echo, icmp, tcp, udp } from '../testing/packet-builder.js';

const SYN = 0x02;
const SYN_ACK = 0x12;
const ACK = 0x10;
const FIN_ACK = 0x11;
const RST = 0x04;

let fixture: FilterFixture;
let filter: PacketFilter;
beforeEach(() => {
  fixture = new FilterFixture();
  ({ filter } = fixture);
});

const inbound: FilterFixture['inbound'] = (...words) => fixture.inbound(...words);
const outbound: FilterFixture['outbound'] = (...words) => fixture.outbound(...words);

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
    fixture = new FilterFixture({ flows: 64 });
    outbound(udp(SELF, PEER, [5000, 53]));
    for (let port = 1; port <= 1000; port++) inbound(tcp(PEER, SELF, [port, 22]));
    expect(fixture.filter.flows).toBe(65);
    expect(inbound(udp(PEER, SELF, [53, 5000]))).toBe('reply');
  });

  test('an idle flow makes way for a new one', () => {
    fixture = new FilterFixture({ flows: 2 });
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
