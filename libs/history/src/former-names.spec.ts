import { expect, test } from '@jest/globals';
import { Names } from './names.js';

const joined = { nodeId: 'n', machineKey: '', nodeKey: '', name: 'a', hostname: 'a', os: 'linux', tags: [] } as const;
const login = { ipv4: '100.64.0.1', ipv6: 'fd00::1', ephemeral: false, approved: true, keyExpiresAt: null };

test('a node is called what it was called at that revision, also after the names were written down', () => {
  const names = new Names();
  names.apply({ type: 'NodeJoined', version: 1, revision: 3, data: { ...joined, ...login } });
  names.apply({ type: 'NodeRenamed', version: 1, revision: 5, data: { nodeId: 'n', name: 'b', pinned: true } });
  names.apply({ type: 'NodeRenamed', version: 1, revision: 8, data: { nodeId: 'n', name: 'c', pinned: true } });
  names.apply({ type: 'NodeRemoved', version: 1, revision: 9, data: { nodeId: 'n', reason: 'removed' } });
  for (const one of [names, Names.thaw(JSON.parse(JSON.stringify([...names.freeze()])))]) {
    expect([3, 4, 5, 7, 8, 20].map((revision) => one.of('n', revision))).toEqual(['a', 'a', 'b', 'b', 'c', 'c']);
    expect(one.of('n')).toBe('c');
    expect(one.life('n')).toEqual({
      name: 'c',
      since: 3,
      until: 9,
      former: [
        ['a', 5],
        ['b', 8],
      ],
    });
  }
});
