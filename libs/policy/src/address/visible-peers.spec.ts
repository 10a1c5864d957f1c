import { describe, expect, it } from '@jest/globals';
import { compilePolicy } from '../compile/compile-policy.js';
import { directoryOf, policyOf, subjectOf } from '../testing.js';
import { NetworkView } from './network-view.js';
import { visiblePeers } from './visible-peers.js';

const tagOwners = { 'tag:a': [], 'tag:b': [], 'tag:exit': [] };
const subjects = [
  subjectOf('ann', 1, 'ann@example.com'),
  subjectOf('bob', 2, 'bob@example.com'),
  subjectOf('router-a', 3, 'tag:a', { routes: ['10.1.0.0/16'] }),
  subjectOf('router-b', 4, 'tag:b', { routes: ['10.1.0.0/16'] }),
  subjectOf('exit', 5, 'tag:exit', { routes: ['0.0.0.0/0', '::/0'] }),
];

/** Each peer as `id` or `id route route`. */
function seenBy(id: string, sections: object, primary = 'router-a'): string[] {
  const view = new NetworkView(compilePolicy(policyOf({ tagOwners, ...sections })), {
    subjects,
    directory: directoryOf(),
  });
  const primaries = new Map([['10.1.0.0/16', primary]]);
  return visiblePeers(view, id, primaries).map((peer) => [peer.id, ...peer.routes].join(' '));
}

const accept = (src: string, dst: string) => ({ acls: [{ action: 'accept', src: [src], dst: [dst] }] });

describe('visiblePeers', () => {
  it('shows both ends of a rule to each other, and no one else', () => {
    const rule = accept('ann@example.com', 'bob@example.com:22');
    expect([seenBy('ann', rule), seenBy('bob', rule), seenBy('exit', rule)]).toEqual([['bob'], ['ann'], []]);
  });

  it('shows all routers of a reachable subnet, and the route at its primary', () => {
    const rule = accept('ann@example.com', '10.1.2.0/24:22');
    expect(seenBy('ann', rule)).toEqual(['router-a 10.1.0.0/16', 'router-b']);
    expect(seenBy('ann', rule, 'router-b')).toEqual(['router-a', 'router-b 10.1.0.0/16']);
    expect(seenBy('bob', rule)).toEqual([]);
  });

  it('shows a route to those who answer what comes out of it', () => {
    expect(seenBy('bob', accept('10.1.0.0/16', 'bob@example.com:22'))).toEqual(['router-a 10.1.0.0/16', 'router-b']);
  });

  it('shows an exit node no route to those who may use the internet, all of it or some', () => {
    const rules = [
      { action: 'accept', src: ['10.1.0.0/16'], dst: ['autogroup:internet:*'] },
      { action: 'drop', src: ['10.1.2.3'], dst: ['100.64.0.1:*'] },
    ];
    expect(seenBy('exit', { acls: rules.slice(0, 1) })).toEqual(['router-a', 'router-b']);
    expect(seenBy('exit', { acls: rules })).toEqual(['router-a', 'router-b']);
  });

  it('shows a route at the router that a grant names, whichever is primary', () => {
    const grants = [{ src: ['ann@example.com'], dst: ['10.1.0.0/16'], ip: ['*'], via: ['tag:b'] }];
    expect(seenBy('ann', { grants })).toEqual(['router-b 10.1.0.0/16']);
  });

  it('lets the router that stands by see the route of the primary', () => {
    expect(seenBy('router-b', accept('tag:b', 'tag:a:22'))).toEqual(['router-a 10.1.0.0/16']);
  });

  it('shows exit nodes with their routes to those who may use the internet', () => {
    expect(seenBy('ann', accept('ann@example.com', 'autogroup:internet:*'))).toEqual(['exit 0.0.0.0/0 ::/0']);
    expect(seenBy('ann', accept('ann@example.com', 'tag:exit:22'))).toEqual(['exit']);
  });
});
