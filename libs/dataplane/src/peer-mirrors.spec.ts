import { expect, test } from '@jest/globals';
import type { EngineEvent } from '#wireguard';
import { type Mirror, PeerMirrors } from './peer-mirrors.js';
import { pathTo, type UdpPath } from './udp-path.js';

const [one, two] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
const [home, away] = [1, 2].map((port) => pathTo({ address: '192.0.2.1', port })) as [UdpPath, UdpPath];
const roamed = (label: string, publicKey: Uint8Array): EngineEvent<UdpPath> => ({
  type: 'peer_roamed',
  peer: { label, publicKey, path: away },
  from: home,
  to: away,
});

test('a peer stays the same object through its events, its paths and its keys', () => {
  const mirrors = new PeerMirrors();
  const peer = mirrors.make(one, 'a', undefined);
  mirrors.put(peer);
  mirrors.setPath(one, home);
  expect(peer.path).toEqual(home);
  const reflected = mirrors.reflect(roamed('a', one));
  expect(reflected?.type === 'peer_roamed' && reflected.peer).toBe(peer);
  expect(peer.path).toEqual(away);
  mirrors.setKey(one, two);
  expect(peer.publicKey).toBe(two);
  mirrors.remove(one); // a key that is nobody's any more
  expect(mirrors.reflect(roamed('a', two))).toBeDefined();
  mirrors.remove(two);
  expect(mirrors.reflect(roamed('a', two))).toBeUndefined();
});

test('what was said of a peer that is gone says nothing of its successor', () => {
  const mirrors = new PeerMirrors();
  const [predecessor, successor] = [one, two].map((key) => mirrors.make(key, 'a', home)) as [Mirror, Mirror];
  for (const mirror of [predecessor, successor]) mirrors.put(mirror);
  mirrors.remove(one);
  expect(mirrors.reflect(roamed('a', two))).toMatchObject({ peer: successor });
});
