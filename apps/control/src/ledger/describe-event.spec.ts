import { expect, test } from '@jest/globals';
import type { StoredEvent } from '#event-store';
import { Names } from '#history';
import { describeEvent } from './describe-event.js';

const stored = (type: string, data: StoredEvent['data']): StoredEvent => ({
  stream: 'tailnet-t1',
  type,
  version: 1,
  actor: { kind: 'system', id: 'test' },
  commandId: 'c',
  data,
  id: 'e',
  revision: 1,
  recordedAt: 0,
  hash: '',
  position: 1,
});

test('speaks of things by the names that people know, also of what is gone', () => {
  const names = new Names();
  names.apply(stored('UserJoined', { userId: 'user_1', login: 'alice@example.com', displayName: '', role: 'admin' }));
  names.apply(stored('NodeRenamed', { nodeId: 'node_1', name: 'laptop', pinned: true }));
  const removed = stored('NodeRemoved', { nodeId: 'node_1', reason: 'removed' });
  names.apply(removed);
  expect(describeEvent(removed, names)).toBe('laptop left (removed)');
  expect(describeEvent(stored('UserSuspended', { userId: 'user_1' }), names)).toBe('alice@example.com was suspended');
  expect(describeEvent(stored('NodeApproved', { nodeId: 'node_2' }), names)).toBe('node_2 was approved');
});

test('says of an event from the future or out of shape only what it is called', () => {
  const names = new Names();
  for (const event of [stored('NodeTeleported', {}), stored('NodeApproved', { nodeId: 7 })]) {
    names.apply(event);
    expect(describeEvent(event, names)).toBe(`${event.type}, which this version does not know`);
  }
});

test('says of a route only who decided that is not told beside it', () => {
  const names = new Names();
  const route = { nodeId: 'gw', prefix: '10.0.0.0/8' };
  const told = (type: string, by: string) => describeEvent(stored(type, { ...route, by }), names);
  expect(told('RouteApproved', 'admin')).toBe('10.0.0.0/8 via gw was approved');
  expect(told('RouteApproved', 'policy')).toBe('10.0.0.0/8 via gw was approved by the policy');
  expect(told('RouteRevoked', 'admin')).toBe('10.0.0.0/8 via gw was revoked');
});
