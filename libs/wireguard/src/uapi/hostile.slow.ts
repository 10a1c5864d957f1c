import { describe, expect, test } from '@jest/globals';
import { NativeCrypto } from '#crypto/native';
import { seededRandom } from '#crypto/testing';
import { Dice, fuzz, fuzzSeeds, heapInUse, Mutator } from '#sim';
import type { Path } from '../path.js';
import { SimulatedNetwork, SimulatedNode } from '../testing.js';
import { answerUapi } from './uapi.js';
import type { UapiHost } from './uapi-host.js';
import { UapiReader } from './uapi-reader.js';

const host: UapiHost<Path> = {
  listenPort: () => 51_820,
  setListenPort: () => {},
  firewallMark: () => 0,
  setFirewallMark: () => {},
  parseEndpoint: (text) => (/^[\d.]+:\d+$/.test(text) ? { key: text } : undefined),
  formatEndpoint: ({ key }) => key,
};
const PEERS = ['b1', 'c2', 'd3', '00'].map((byte) => byte.repeat(32));
const settings = (peer: string) =>
  [
    'set=1',
    'replace_peers=true',
    'listen_port=1234',
    `public_key=${peer}`,
    'update_only=true',
    `preshared_key=${'0d'.repeat(32)}`,
    'endpoint=192.0.2.1:51820',
    'persistent_keepalive_interval=25',
    'replace_allowed_ips=true',
    'allowed_ip=10.0.0.0/8',
    'allowed_ip=-10.0.0.0/8',
    'allowed_ip=+fd00::/64',
    `public_key=${PEERS[1]}`,
    'remove=true',
    '',
  ].join('\n');
const specimens = [
  ...PEERS.map(settings),
  'get=1\n',
  `set=1\nprivate_key=${'a0'.repeat(32)}\nfwmark=7\n`,
  `set=1\npublic_key=${PEERS[0]}\nallowed_ip=0.0.0.0/0\nallowed_ip=::/0\n`,
].map((words) => Uint8Array.from(Buffer.from(words)));

describe.each(fuzzSeeds(2))('seed %d', (seed) => {
  const dice = new Dice(seed);
  const mutator = new Mutator(dice, 800);
  const random = seededRandom(seed);
  const newNode = () => new SimulatedNode(new SimulatedNetwork(random), new NativeCrypto(), random, 'alice');
  const next = () =>
    Buffer.from(dice.chance(0.95) ? mutator.mutate(specimens) : mutator.random(400)).toString('latin1');

  test('60,000 requests: each has one answer, and one that is refused has changed nothing', () => {
    const { engine } = newNode();
    engine.setPrivateKey(new Uint8Array(32).fill(7));
    let [done, refused] = [0, 0];
    fuzz(dice, 60_000, () => {
      const before = dice.chance(0.05) ? answerUapi(0, engine, host, 'get=1') : undefined;
      const answer = answerUapi(0, engine, host, next());
      const [, errno] = /errno=(-?\d+)\n\n$/.exec(answer) ?? [];
      if (errno === undefined) throw new Error(answer);
      if (errno === '0') done++;
      else {
        refused++;
        if (answer !== `errno=${errno}\n\n` || !['-22', '-71'].includes(errno)) throw new Error(answer);
        if (before && answerUapi(0, engine, host, 'get=1') !== before) throw new Error('it was applied in part');
      }
    });
    expect(Math.min(done, refused)).toBeGreaterThan(2_000);
    expect(engine.status().peers.length).toBeLessThan(2_000);
  });

  test('50,000 chunks of anything: operations are the same however they are cut, and what has no end is bounded', () => {
    fuzz(dice, 10_000, () => {
      const text = Array.from({ length: 1 + dice.below(4) }, () => next()).join('\n\n');
      const whole = new UapiReader().take(text);
      const reader = new UapiReader();
      const parts: string[] = [];
      for (let at = 0; at < text.length; ) {
        const to = at + 1 + dice.below(text.length);
        parts.push(...reader.take(text.slice(at, to)));
        at = to;
      }
      if (JSON.stringify(parts) !== JSON.stringify(whole)) throw new Error(JSON.stringify(text));
    });
    const reader = new UapiReader(10_000);
    const before = heapInUse();
    expect(() => {
      for (;;) reader.take('x'.repeat(1000));
    }).toThrow('longer than');
    expect(heapInUse() - before).toBeLessThan(1);
  });
});
