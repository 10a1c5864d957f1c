import { expect, test } from '@jest/globals';
import { toBase64 } from '#kernel';
import { formatPrefix, parsePrefix } from '#net';
import { pathTo } from './udp-path.js';
import { WorkerState } from './worker-state.js';

const key = (byte: number) => new Uint8Array(32).fill(byte);
const home = pathTo({ address: '192.0.2.1', port: 1 });
const away = pathTo({ address: '192.0.2.2', port: 2 });

test('says what it takes to bring another worker to the same state, and no more', () => {
  const state = new WorkerState(() => 0);
  state.note({ call: 'setPrivateKey', words: [key(1)] });
  state.note({ call: 'setRules', words: [[]] });
  state.note({ call: 'setSelf', words: [{ addresses: ['10.0.0.1'] }] });
  state.note({ call: 'setSelf', words: [{ addresses: ['10.0.0.2'] }] });
  for (const id of ['a', 'b']) state.note({ call: 'setFilterPeer', words: [{ id, addresses: [], labels: [] }] });
  state.note({ call: 'removeFilterPeer', words: ['a'] });
  state.note({ call: 'addPeer', words: [{ publicKey: key(11), allowedIps: [], path: home }] });
  state.note({ call: 'addPeer', words: [{ publicKey: key(12), label: 'gone', allowedIps: [] }] });
  state.note({ call: 'updatePeer', words: [key(11), { persistentKeepalive: 25 }] });
  state.note({ call: 'replacePeerKey', words: [key(11), key(13)] });
  state.note({ call: 'removePeer', words: [key(12)] });
  state.note({ call: 'rotatePrivateKey', words: [key(2), 1_000] });
  expect(state.replay(() => away)).toEqual([
    { call: 'setPrivateKey', words: [key(1)] },
    { call: 'rotatePrivateKey', words: [key(2), 1_000] },
    { call: 'setRules', words: [[]] },
    { call: 'setSelf', words: [{ addresses: ['10.0.0.2'] }] },
    { call: 'setFilterPeer', words: [{ id: 'b', addresses: [], labels: [] }] },
    {
      call: 'addPeer',
      words: [{ publicKey: key(13), label: toBase64(key(11)), allowedIps: [], path: away, persistentKeepalive: 25 }],
    },
  ]);
  expect(state.configuration.privateKey).toEqual(key(2));
});

test('a prefix that was given to another peer is that one only, whoever was there first', () => {
  const state = new WorkerState(() => 0);
  const prefixes = (...texts: string[]) => texts.map(parsePrefix);
  const replayed = () =>
    state
      .replay(() => undefined)
      .map(({ words }) => {
        const { publicKey, allowedIps } = words[0] as {
          publicKey: Uint8Array;
          allowedIps: ReturnType<typeof prefixes>;
        };
        return [publicKey[0], ...allowedIps.map(formatPrefix)];
      });
  const first = prefixes('10.0.0.1/32', '10.1.0.0/16', '10.2.0.0/16');
  state.note({ call: 'addPeer', words: [{ publicKey: key(1), allowedIps: first }] });
  state.note({ call: 'addPeer', words: [{ publicKey: key(2), allowedIps: prefixes('10.1.0.0/16') }] });
  expect(replayed()).toEqual([
    [1, '10.0.0.1/32', '10.2.0.0/16'],
    [2, '10.1.0.0/16'],
  ]);
  state.note({ call: 'updatePeer', words: [key(2), { allowedIps: prefixes('10.1.0.0/16', '10.2.0.0/16') }] });
  state.note({ call: 'updatePeer', words: [key(1), { allowedIps: prefixes('10.0.0.1/32', '10.1.0.0/16') }] });
  state.note({ call: 'replacePeerKey', words: [key(1), key(3)] });
  expect(replayed()).toEqual([
    [2, '10.2.0.0/16'],
    [3, '10.0.0.1/32', '10.1.0.0/16'],
  ]);
  state.note({ call: 'removePeer', words: [key(3)] });
  state.note({ call: 'updatePeer', words: [key(2), { persistentKeepalive: 1 }] });
  expect(replayed()).toEqual([[2, '10.2.0.0/16']]);
});
