import { beforeEach, describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { newDhKeyPair } from '#crypto';
import { NativeCrypto } from '#crypto/native';
import { seededRandom } from '#crypto/testing';
import { NetfoldError, toBase64, toHex } from '#kernel';
import { formatPrefix } from '#net';
import type { Path } from '../path.js';
import { SimulatedNetwork, SimulatedNode } from '../testing.js';
import { answerUapi } from './uapi.js';
import type { UapiHost } from './uapi-host.js';
import { formatWgConf } from './wg-conf.js';

class FakeHost implements UapiHost<Path> {
  port = 51820;
  mark = 0;
  listenPort = () => this.port;
  setListenPort: UapiHost<Path>['setListenPort'] = (port) => {
    this.port = port;
  };
  firewallMark = () => this.mark;
  setFirewallMark = (mark: number) => {
    this.mark = mark;
  };
  parseEndpoint = (text: string) => (/:\d+$/.test(text) ? { key: text } : undefined);
  failed: UapiHost<Path>['failed'] = () => {};
  formatEndpoint = (path: Path) => (path.key.startsWith('relay') ? undefined : path.key);
}

const KEY = 'a0'.repeat(32);
const PEER = 'b1'.repeat(32);
const OTHER = 'c2'.repeat(32);

let node: SimulatedNode;
let host: FakeHost;
beforeEach(() => {
  const random = seededRandom(1);
  node = new SimulatedNode(new SimulatedNetwork(random), new NativeCrypto(), random, 'alice');
  host = new FakeHost();
});

const ask = (...lines: string[]) => answerUapi(0, node.engine, host, lines.join('\n'));
const set = (...lines: string[]) => ask('set=1', ...lines);
const OK = 'errno=0\n\n';
const INVALID = 'errno=-22\n\n';
const allowedIps = () => node.engine.status().peers.map((peer) => peer.allowedIps.map(formatPrefix));

describe('the userspace API', () => {
  test('what was set is got', () => {
    const device = [`private_key=${KEY}`, 'listen_port=1234', 'fwmark=7'];
    const peer = [
      `public_key=${PEER}`,
      `preshared_key=${'0d'.repeat(32)}`,
      'protocol_version=1',
      'endpoint=192.0.2.1:51820',
      'persistent_keepalive_interval=25',
      'allowed_ip=10.0.0.0/8',
      'allowed_ip=fd00::/64',
    ];
    expect(set(...device, ...peer)).toBe(OK);
    const answer = ask('get=1').split('\n');
    expect(answer).toEqual(expect.arrayContaining([...device, ...peer]));
    expect(answer.slice(0, 4)).toEqual([...device, `public_key=${PEER}`]);
    expect(answer.slice(-3)).toEqual(['errno=0', '', '']);
    expect(answer).toEqual(expect.arrayContaining(['last_handshake_time_sec=0', 'rx_bytes=0', 'tx_bytes=148']));
  });

  test('a pre-shared key is shown at its own peer, in whatever order the device names them', () => {
    set(`public_key=${PEER}`, `preshared_key=${OTHER}`, `public_key=${OTHER}`);
    const { peers, ...status } = node.engine.status();
    jest.spyOn(node.engine, 'status').mockReturnValueOnce({ ...status, peers: peers.toReversed() });
    const shown = ask('get=1')
      .split('\n')
      .filter((line) => /^(public|preshared)_key/.test(line));
    const none = '0'.repeat(64);
    expect(shown).toEqual([
      ...[`public_key=${OTHER}`, `preshared_key=${none}`],
      ...[`public_key=${PEER}`, `preshared_key=${OTHER}`],
    ]);
  });

  test('allowed IPs are added, removed and replaced', () => {
    set(`public_key=${PEER}`, 'allowed_ip=10.0.0.0/8', 'allowed_ip=10.1.0.0/16');
    set(`public_key=${PEER}`, 'allowed_ip=-10.0.0.0/8', 'allowed_ip=+10.2.0.0/16');
    expect(allowedIps()).toEqual([['10.1.0.0/16', '10.2.0.0/16']]);
    set(`public_key=${PEER}`, 'replace_allowed_ips=true', 'allowed_ip=::/0');
    expect(allowedIps()).toEqual([['::/0']]);
    set(`public_key=${OTHER}`, 'allowed_ip=::/0');
    expect(allowedIps()).toEqual([[], ['::/0']]);
  });

  test('peers are removed, replaced, and only updated where so asked', () => {
    const keys = () => node.engine.status().peers.map((peer) => toHex(peer.publicKey));
    expect(set(`public_key=${PEER}`, 'update_only=true')).toBe(OK);
    expect(keys()).toEqual([]);
    set(`public_key=${PEER}`, `public_key=${OTHER}`);
    expect(keys()).toEqual([PEER, OTHER]);
    set(`public_key=${PEER}`, 'remove=true');
    expect(keys()).toEqual([OTHER]);
    set('replace_peers=true', `public_key=${PEER}`);
    expect(keys()).toEqual([PEER]);
  });

  test('the device itself among the peers is passed over', () => {
    const own = toHex(node.keys.publicKey);
    expect(set(`public_key=${own}`, 'allowed_ip=0.0.0.0/0')).toBe(OK);
    expect(node.engine.status().peers).toEqual([]);
  });

  test('a peer that the device becomes is removed', () => {
    const keys = newDhKeyPair(node.crypto, node.random);
    set(`public_key=${toHex(keys.publicKey)}`, 'allowed_ip=0.0.0.0/0', `public_key=${PEER}`);
    expect(set(`private_key=${toHex(keys.privateKey)}`)).toBe(OK);
    expect(allowedIps()).toEqual([[]]);
  });

  test('setting the same private key again keeps it, all zeros takes it away', () => {
    set(`private_key=${toHex(node.keys.privateKey)}`);
    expect(node.engine.publicKey).toEqual(node.keys.publicKey);
    set(`private_key=${'00'.repeat(32)}`);
    expect(node.engine.publicKey).toBeUndefined();
  });

  test.each([
    ['private_key=00'],
    ['listen_port=65536'],
    ['listen_port=x'],
    ['replace_peers=yes'],
    ['allowed_ip=10.0.0.0/8'],
    [`public_key=${PEER}`, 'allowed_ip=10.0.0.0/33'],
    [`public_key=${PEER}`, 'endpoint=nowhere'],
    [`public_key=${PEER}`, 'protocol_version=2'],
    [`public_key=${PEER}`, 'listen_port=1'],
    ['__proto__=1'],
    ['constructor=1'],
    ['no setting'],
  ])('a request with %p is refused and changes nothing', (...lines) => {
    const before = ask('get=1');
    expect(set('listen_port=9', ...lines)).toBe(INVALID);
    expect(ask('get=1')).toBe(before);
  });

  test('anything that is no operation is a protocol error', () => {
    expect(ask('hello')).toBe('errno=-71\n\n');
    expect(ask('')).toBe('errno=-71\n\n');
  });

  test.each([
    ['wireguard.in_use', -98],
    ['wireguard.not_permitted', -1],
    ['wireguard.not_supported', -95],
    ['host.need_root', -5],
  ])('what the host refuses with %s ends with %d, and the host hears of it', (code, errno) => {
    const failures: unknown[] = [];
    host.failed = (error) => failures.push(error);
    host.setListenPort = () => {
      throw new NetfoldError({ code, message: 'no' });
    };
    expect(set('listen_port=9', `public_key=${PEER}`)).toBe(`errno=${errno}\n\n`);
    expect(node.engine.status().peers).toEqual([]);
    expect(failures).toEqual([expect.objectContaining({ code })]);
  });

  test('a fault is an answer too', () => {
    host.setListenPort = () => {
      throw new TypeError('a mistake');
    };
    expect(set('listen_port=9')).toBe('errno=-5\n\n');
  });

  test('a peer that is named twice has what both say', () => {
    set(`public_key=${PEER}`, 'allowed_ip=10.0.0.0/8', `public_key=${OTHER}`, 'allowed_ip=10.0.0.0/8');
    set(`public_key=${PEER}`, 'allowed_ip=10.1.0.0/16', `public_key=${PEER}`, 'allowed_ip=10.2.0.0/16');
    expect(allowedIps()).toEqual([['10.1.0.0/16', '10.2.0.0/16'], ['10.0.0.0/8']]);
  });

  test('no text makes it throw', () => {
    const line = fc.oneof(fc.string(), fc.stringMatching(/^(private_key|public_key|allowed_ip|fwmark)=[0-9a-f./:-]*$/));
    fc.assert(fc.property(fc.array(line), (lines) => expect(set(...lines)).toMatch(/^errno=(0|-22)\n\n$/)));
  });
});

describe('wgconf', () => {
  test('has the sections and the order that wg prints', () => {
    set('listen_port=51820', `private_key=${KEY}`);
    set(`public_key=${PEER}`, `preshared_key=${'0d'.repeat(32)}`, 'endpoint=192.0.2.1:7', 'allowed_ip=10.0.0.0/8');
    set(`public_key=${PEER}`, 'persistent_keepalive_interval=25', 'allowed_ip=192.168.1.0/24');
    set(`public_key=${OTHER}`, 'endpoint=relay:1');
    const comment = ({ path }: { path?: Path }) => (path?.key === 'relay:1' ? 'a name\nof two lines' : undefined);
    const { formatEndpoint } = host;
    const device = { listenPort: 51820, firewallMark: 0xca6c };
    const text = formatWgConf(node.engine.configuration(), { ...device, formatEndpoint, comment });
    const base64 = (hex: string) => toBase64(Uint8Array.from(Buffer.from(hex, 'hex')));
    expect(text).toBe(`[Interface]
ListenPort = 51820
FwMark = 0xca6c
PrivateKey = ${base64(KEY)}

[Peer]
PublicKey = ${base64(PEER)}
PresharedKey = ${base64('0d'.repeat(32))}
AllowedIPs = 10.0.0.0/8, 192.168.1.0/24
Endpoint = 192.0.2.1:7
PersistentKeepalive = 25

# a name of two lines
[Peer]
PublicKey = ${base64(OTHER)}
`);
    const hidden = formatWgConf(node.engine.configuration(), { formatEndpoint, firewallMark: 0, hideKeys: true });
    expect(hidden).not.toContain('FwMark');
    expect(hidden).toMatch(/^PrivateKey = \(hidden\)$/m);
    expect(hidden.match(/^PresharedKey = .*/gm)).toEqual(['PresharedKey = (hidden)']);
  });
});
