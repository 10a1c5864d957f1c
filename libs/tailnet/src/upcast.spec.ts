import { describe, expect, test } from '@jest/globals';
import { upcast, upcastWith } from './upcast.js';

const renamed = { nodeId: 'n', name: 'a', pinned: true };

describe('upcast', () => {
  test('hands on what is as it should be, also with members that it does not know', () => {
    const raw = { type: 'NodeRenamed', version: 1, data: { ...renamed, note: 'from a newer program' } };
    expect(upcast(raw)).toBe(raw);
  });

  test.each([
    ['an unknown type', { type: 'NodePainted', version: 1, data: renamed }],
    ['a member of Object', { type: 'constructor', version: 1, data: renamed }],
    ['a newer version', { type: 'NodeRenamed', version: 2, data: renamed }],
    ['no version', { type: 'NodeRenamed', version: 0, data: renamed }],
    ['a missing member', { type: 'NodeRenamed', version: 1, data: { nodeId: 'n', name: 'a' } }],
    ['a member of another type', { type: 'NodeRenamed', version: 1, data: { ...renamed, name: null } }],
    ['no data', { type: 'NodeRenamed', version: 1, data: null }],
    ['a list', { type: 'NodeRenamed', version: 1, data: [] }],
    [
      'an address out of its form',
      { type: 'RouteAdvertised', version: 1, data: { nodeId: 'n', prefix: '10.0.0.1/8' } },
    ],
    ['a role that is none', { type: 'UserRoleChanged', version: 1, data: { userId: 'u', role: 'king' } }],
    ['an endless time', { type: 'NodeExpiryChanged', version: 1, data: { nodeId: 'n', keyExpiresAt: Infinity } }],
  ])('%s is not understood', (_, raw) => expect(upcast(raw)).toBeUndefined());

  test('an older version goes through every upcaster after it', () => {
    const down = () => undefined;
    const steps = {
      NodeRenamed: [
        { level: 2, up: (data: unknown) => ({ ...(data as object), name: (data as { label: string }).label }), down },
        { level: 3, up: (data: unknown) => ({ ...(data as object), pinned: true }), down },
      ],
    };
    const newer = { steps, since: {} };
    const first = { type: 'NodeRenamed', version: 1, data: { nodeId: 'n', label: 'a' } };
    const second = { type: 'NodeRenamed', version: 2, data: { nodeId: 'n', name: 'a' } };
    const third = { type: 'NodeRenamed', version: 3, data: renamed };
    const present = { type: 'NodeRenamed', version: 1, data: renamed };
    expect(upcastWith(newer, first)?.data).toMatchObject(renamed);
    expect(upcastWith(newer, second)).toEqual(present);
    expect(upcastWith(newer, third)).toEqual(present);
    expect(upcastWith(newer, { ...third, version: 4 })).toBeUndefined();
  });
});
