import { describe, expect, test } from '@jest/globals';
import { DEFAULT_PREFERENCES } from '../state/preferences.js';
import { changed } from './preferences-change.js';

const TAILNET = ['100.64.0.0/10', 'fd7a:1:2::/48'];
const asked = (request: Parameters<typeof changed>[1], before = DEFAULT_PREFERENCES) =>
  changed(before, request, TAILNET);

describe('preferences', () => {
  test('keep what a request does not name, and take the rest in canonical form', () => {
    const first = asked({ advertiseRoutes: ['192.168.7.0/24', 'FD77::/64', '10.0.0.1'], exitNode: 'gate' });
    expect(first).toMatchObject({
      advertiseRoutes: ['192.168.7.0/24', 'fd77::/64', '10.0.0.1/32'],
      exitNode: 'gate',
      exitNodeName: 'gate',
    });
    expect(asked({ snatSubnetRoutes: false }, first)).toEqual({ ...first, snatSubnetRoutes: false });
    expect(asked({ exitNode: '', advertiseRoutes: [] }, first)).toMatchObject({
      advertiseRoutes: [],
      exitNode: undefined,
    });
  });

  test.each([
    ['0.0.0.0/0', 'agent.bad_route'],
    ['::/0', 'agent.bad_route'],
    ['192.168.7.1/24', 'agent.bad_route'],
    ['100.64.0.0/16', 'agent.bad_route'],
    ['96.0.0.0/4', 'agent.bad_route'],
    ['fd7a:1:2:3::/64', 'agent.bad_route'],
    ['nonsense', 'agent.bad_route'],
  ])('do not take %s for a subnet', (route, code) => {
    expect(() => asked({ advertiseRoutes: [route] })).toThrow(expect.objectContaining({ code }));
  });

  test('do not let packets of others go round', () => {
    const both = expect.objectContaining({ code: 'agent.both_exit_nodes' });
    expect(() => asked({ exitNode: 'gate', advertiseExitNode: true })).toThrow(both);
    expect(() => asked({ advertiseExitNode: true }, asked({ exitNode: 'gate' }))).toThrow(both);
    expect(asked({ exitNode: 'gate', advertiseExitNode: false }).exitNode).toBe('gate');
  });
});
