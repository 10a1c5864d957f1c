import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { NobleCrypto, newDhKeyPair } from '#crypto';
import { InlineDataPath } from '#dataplane';
import { systemRandom } from '#host';
import { FakeNetwork } from '#host/testing';
import { toBase64, toHex } from '#kernel';
import { formatPrefix } from '#net';
import { type EngineState, emptyEngineState, type TunnelPeer } from '#plan';
import { EngineRuntime } from '../engine/engine-runtime.js';
import type { HostPort, HostSettings } from '../engine/host-port.js';
import { Tunnel } from '../engine/tunnel.js';
import { UserspaceHostPort } from '../engine/userspace-host-port.js';
import { InterfaceUapi } from './interface-uapi.js';

const crypto = new NobleCrypto();
const own = newDhKeyPair(crypto, systemRandom);
const WEB = newDhKeyPair(crypto, systemRandom).publicKey;
const DEV = newDhKeyPair(crypto, systemRandom).publicKey;
const STRANGER = newDhKeyPair(crypto, systemRandom).publicKey;
const OTHER = newDhKeyPair(crypto, systemRandom).publicKey;
const OK = 'errno=0\n\n';
const NOT_PERMITTED = 'errno=-1\n\n';
const PSK = '0d'.repeat(32);

const tunnelPeer = (id: string, publicKey: Uint8Array, ...allowedIps: string[]): TunnelPeer => ({
  id,
  nodeKey: toBase64(publicKey),
  allowedIps,
});
const web = tunnelPeer('node_web', WEB, '100.64.0.2/32');
const dev = tunnelPeer('node_dev', DEV, '100.64.0.3/32');
const stateOf = (...peers: TunnelPeer[]): EngineState => ({
  ...emptyEngineState,
  routes: ['100.64.0.0/10'],
  peers: new Map(peers.map((peer) => [peer.id, peer])),
});

let runtime: EngineRuntime;
let uapi: InterfaceUapi;
let configured: HostSettings[];
let log: string[];

beforeEach(() => {
  const network = new FakeNetwork();
  const monotonic = () => network.now;
  const udp = network.socket({ address: '192.0.2.1', port: 1000 });
  const { tun } = new UserspaceHostPort();
  const ports = { crypto, random: systemRandom, wallClock: { now: () => Date.now() }, monotonic, udp, tun };
  const tunnel = new Tunnel(new InlineDataPath(ports), monotonic);
  tunnel.engine.setPrivateKey(own.privateKey);
  configured = [];
  log = [];
  const host: HostPort = {
    configure: async (settings) => {
      configured.push(settings);
    },
    close: async () => {},
  };
  runtime = new EngineRuntime(tunnel, host);
  uapi = new InterfaceUapi(tunnel, runtime.byHand, {
    onPort: () => {},
    onMark: () => {},
    log: (line) => log.push(line),
  });
  runtime.apply(stateOf(web, dev));
});
afterEach(() => runtime.tunnel.path.close());

const set = (...lines: string[]) => uapi.answer(['set=1', ...lines].join('\n'));
const peer = (publicKey: Uint8Array, ...lines: string[]) => [`public_key=${toHex(publicKey)}`, ...lines];
/** What the engine has, by public key. */
const allowedIps = () =>
  new Map(
    runtime.tunnel.engine.status().peers.map((one) => [toHex(one.publicKey), one.allowedIps.map(formatPrefix).sort()]),
  );
const of = (publicKey: Uint8Array) =>
  runtime.tunnel.engine.configuration().peers.find((one) => toHex(one.publicKey) === toHex(publicKey));
const routes = async () => {
  await runtime.settled();
  return configured.at(-1)?.routes;
};

describe('a peer that no netmap knows', () => {
  it('survives netmaps, with the way to it', async () => {
    expect(set(...peer(STRANGER, 'allowed_ip=10.9.0.0/24', 'persistent_keepalive_interval=5'))).toBe(OK);
    expect(await routes()).toEqual(['100.64.0.0/10', '10.9.0.0/24']);
    runtime.apply(stateOf(dev));
    expect(allowedIps().get(toHex(STRANGER))).toEqual(['10.9.0.0/24']);
    expect(of(STRANGER)?.persistentKeepalive).toBe(5);
    expect(runtime.byHand.strangers).toBe(1);
    expect(set(...peer(STRANGER, 'remove=true'))).toBe(OK);
    expect(allowedIps().has(toHex(STRANGER))).toBe(false);
    expect(await routes()).toEqual(['100.64.0.0/10']);
  });

  it('never gets a default route from the agent', async () => {
    expect(set(...peer(STRANGER, 'allowed_ip=0.0.0.0/0'))).toBe(OK);
    expect(allowedIps().get(toHex(STRANGER))).toEqual(['0.0.0.0/0']);
    expect(await routes()).toEqual(['100.64.0.0/10']);
  });

  it('becomes the one that the netmap means when it claims the key', () => {
    set(...peer(STRANGER, 'allowed_ip=10.9.0.0/24', `preshared_key=${PSK}`));
    expect(runtime.apply(stateOf(web, tunnelPeer('node_new', STRANGER, '100.64.0.9/32')))).toBeUndefined();
    expect(allowedIps().get(toHex(STRANGER))).toEqual(['100.64.0.9/32']);
    expect(of(STRANGER)).toMatchObject({ label: 'node_new', presharedKey: new Uint8Array(32) });
    expect(runtime.byHand.strangers).toBe(0);
  });

  it('gives way to a peer whose new key it has', () => {
    set(...peer(STRANGER, 'allowed_ip=10.9.0.0/24'));
    expect(runtime.apply(stateOf({ ...web, nodeKey: toBase64(STRANGER) }, dev))).toBeUndefined();
    expect(of(STRANGER)?.label).toBe('node_web');
  });

  it('may not take what the netmap gives to another, and loses to the netmap what it has', () => {
    expect(set(...peer(STRANGER, 'allowed_ip=100.64.0.2/32'))).toBe(NOT_PERMITTED);
    expect(log).toEqual([expect.stringContaining("100.64.0.2/32 is the node node_web's")]);
    expect(allowedIps().has(toHex(STRANGER))).toBe(false);
    set(...peer(STRANGER, 'allowed_ip=10.9.0.0/24', 'allowed_ip=10.8.0.0/24'));
    runtime.apply(stateOf({ ...web, allowedIps: ['100.64.0.2/32', '10.9.0.0/24'] }, dev));
    expect(allowedIps().get(toHex(STRANGER))).toEqual(['10.8.0.0/24']);
    expect(allowedIps().get(toHex(WEB))).toEqual(['10.9.0.0/24', '100.64.0.2/32']);
    runtime.apply(stateOf(web, dev));
    expect(allowedIps().get(toHex(STRANGER))).toEqual(['10.8.0.0/24', '10.9.0.0/24']);
  });

  it('has a prefix until another one is given it', () => {
    set(...peer(STRANGER, 'allowed_ip=10.9.0.0/24'), ...peer(WEB, 'allowed_ip=10.8.0.0/24'));
    set(...peer(OTHER, 'allowed_ip=10.9.0.0/24', 'allowed_ip=10.8.0.0/24'));
    runtime.apply(stateOf(web));
    expect(allowedIps().get(toHex(STRANGER))).toEqual([]);
    expect(allowedIps().get(toHex(WEB))).toEqual(['100.64.0.2/32']);
    expect(allowedIps().get(toHex(OTHER))).toEqual(['10.8.0.0/24', '10.9.0.0/24']);
  });
});

describe('a peer of the netmap', () => {
  it('keeps what was set of it through netmaps, key changes and absence', () => {
    const settings = [`preshared_key=${PSK}`, 'persistent_keepalive_interval=7', 'allowed_ip=10.9.0.0/24'];
    expect(set(...peer(WEB, ...settings))).toBe(OK);
    const expected = { presharedKey: new Uint8Array(32).fill(0x0d), persistentKeepalive: 7 };
    runtime.apply(stateOf({ ...web, allowedIps: ['100.64.0.2/32', '10.1.0.0/16'] }, dev));
    expect(of(WEB)).toMatchObject(expected);
    expect(allowedIps().get(toHex(WEB))).toEqual(['10.1.0.0/16', '10.9.0.0/24', '100.64.0.2/32']);
    runtime.apply(stateOf(dev));
    runtime.apply(stateOf({ ...web, nodeKey: toBase64(OTHER) }, dev));
    expect(of(OTHER)).toMatchObject(expected);
    expect(allowedIps().get(toHex(OTHER))).toEqual(['10.9.0.0/24', '100.64.0.2/32']);
  });

  it('stays when it is removed, as the netmap says it is', () => {
    set(...peer(WEB, `preshared_key=${PSK}`, 'persistent_keepalive_interval=7', 'allowed_ip=10.9.0.0/24'));
    expect(set(...peer(WEB, 'remove=true'), ...peer(DEV, 'remove=true'))).toBe(OK);
    expect(of(WEB)).toMatchObject({ presharedKey: new Uint8Array(32), persistentKeepalive: 0 });
    expect(allowedIps()).toEqual(
      new Map([
        [toHex(WEB), ['100.64.0.2/32']],
        [toHex(DEV), ['100.64.0.3/32']],
      ]),
    );
  });

  it('keeps its own prefixes, whatever is asked', () => {
    expect(set(...peer(WEB, 'replace_allowed_ips=true', 'allowed_ip=10.9.0.0/24'))).toBe(OK);
    expect(allowedIps().get(toHex(WEB))).toEqual(['10.9.0.0/24', '100.64.0.2/32']);
    expect(set(...peer(WEB, 'replace_allowed_ips=true'))).toBe(OK);
    expect(allowedIps().get(toHex(WEB))).toEqual(['100.64.0.2/32']);
    expect(set(...peer(WEB, 'allowed_ip=100.64.0.3/32'))).toBe(NOT_PERMITTED);
  });
});

describe('the interface', () => {
  it('has all peers of a file that replaces them, and the netmap’s', () => {
    set(...peer(STRANGER, 'allowed_ip=10.9.0.0/24'), ...peer(WEB, `preshared_key=${PSK}`));
    expect(set('replace_peers=true', ...peer(OTHER, 'allowed_ip=10.7.0.0/24'))).toBe(OK);
    expect([...allowedIps().keys()]).toEqual([WEB, DEV, OTHER].map(toHex));
    expect(of(WEB)?.presharedKey).toEqual(new Uint8Array(32));
  });

  it('keeps its key', () => {
    expect(set(`private_key=${toHex(own.privateKey)}`)).toBe(OK);
    expect(set(`private_key=${'00'.repeat(32)}`)).toBe(OK);
    expect(set(`private_key=${'a0'.repeat(32)}`, ...peer(STRANGER))).toBe(NOT_PERMITTED);
    expect(runtime.tunnel.engine.publicKey).toEqual(own.publicKey);
    expect(allowedIps().has(toHex(STRANGER))).toBe(false);
    expect(log).toEqual([expect.stringContaining('netfold debug rotate-key')]);
  });

  it('takes a file that names neither port nor mark, and says so when it cannot have another', () => {
    expect(set('listen_port=0', 'fwmark=0')).toBe(OK);
    expect(set('listen_port=1000')).toBe(OK);
    expect(set('listen_port=1001')).toBe('errno=-95\n\n');
    expect(uapi.answer('get=1')).toContain('listen_port=1000\nfwmark=28262\n');
  });
});
