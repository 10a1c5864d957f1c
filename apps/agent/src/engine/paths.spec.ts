import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { pathTo } from '#dataplane';
import { formatAddress } from '#net';
import { Reachability } from './reachability.js';
import { parsePath } from './udp-path.js';

describe('a path', () => {
  it('is what its text says, in both families', () => {
    const address = fc.oneof(
      fc.uint8Array({ minLength: 4, maxLength: 4 }),
      fc.uint8Array({ minLength: 16, maxLength: 16 }),
    );
    fc.assert(
      fc.property(address, fc.integer({ min: 1, max: 65535 }), (bytes, port) => {
        const path = pathTo({ address: formatAddress(bytes), port });
        expect(parsePath(path.key)).toEqual(path);
      }),
    );
  });

  it.each([
    '',
    '192.0.2.1',
    '192.0.2.1:0',
    '192.0.2.1:65536',
    '[192.0.2.1]:1',
    '::1:1',
    'host:1',
    '192.0.2.1:1 ',
    '[fe80::1%eth0]:1',
  ])('is not %j', (text) => expect(parsePath(text)).toBeUndefined());
});

describe('Reachability', () => {
  const says = (nodeId: string, ...endpoints: string[]) => ({ nodeId, endpoints, online: true, lastSeen: 1 });
  const keys = (reach: Reachability, from: string) =>
    reach.alternativesTo(pathTo({ address: from, port: 1 })).map(({ key }) => key);

  it('knows the other ways to whoever is at the end of one', () => {
    const reach = new Reachability();
    reach.learn(says('a', '192.0.2.1:1', '192.0.2.2:1'));
    reach.learn(says('b', '192.0.2.9:1'));
    expect(keys(reach, '192.0.2.1')).toEqual(['192.0.2.2:1']);
    expect(keys(reach, '192.0.2.9')).toEqual([]);
    expect(keys(reach, '203.0.113.1')).toEqual([]);
    reach.prove('a', pathTo({ address: '203.0.113.1', port: 1 }));
    expect(keys(reach, '203.0.113.1')).toEqual(['192.0.2.1:1', '192.0.2.2:1']);
  });

  it('forgets ways that are no longer announced, and whole peers', () => {
    const reach = new Reachability();
    reach.learn(says('a', '192.0.2.1:1'));
    reach.learn(says('a', '192.0.2.2:1'));
    expect(keys(reach, '192.0.2.1')).toEqual([]);
    expect(reach.bestOf('a')?.key).toBe('192.0.2.2:1');
    reach.forget('a');
    expect([reach.bestOf('a'), reach.presenceOf('a'), keys(reach, '192.0.2.2')]).toEqual([undefined, undefined, []]);
  });

  it('does not become a source of noise for a peer that lists hundreds', () => {
    const reach = new Reachability();
    reach.learn(says('a', ...Array.from({ length: 200 }, (_, i) => `192.0.2.1:${i + 1}`), 'junk'));
    expect(keys(reach, '192.0.2.1').length).toBe(7);
  });
});
