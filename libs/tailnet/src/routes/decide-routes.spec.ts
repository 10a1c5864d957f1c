import { describe, expect, test } from '@jest/globals';
import { given } from '../testing/given.js';
import { sampleKey } from '../testing/sample-key.js';
import { aTailnet, theNode, theUser } from '../testing/tailnet-builder.js';

const tailnet = aTailnet().withUser('ned', 'network-admin').withNode('r', { user: 'ned' });
const r = { nodeId: 'node_r' };
const ten = { ...r, prefix: '10.0.0.0/8' };
const lan = { ...r, prefix: '192.168.1.0/24' };
const advertise = (...prefixes: string[]) => ({ ...r, prefixes });

describe('AdvertiseRoutes', () => {
  test('records what is new and what is gone', () => {
    given(tailnet)
      .when('AdvertiseRoutes', advertise(ten.prefix, lan.prefix, ten.prefix), { by: theNode('r') })
      .thenEvents(['RouteAdvertised', ten], ['RouteAdvertised', lan])
      .when('AdvertiseRoutes', advertise(lan.prefix, ten.prefix))
      .thenNothing()
      .when('AdvertiseRoutes', advertise(lan.prefix, '::/0'))
      .thenEvents(['RouteWithdrawn', ten], ['RouteAdvertised', { ...r, prefix: '::/0' }]);
  });

  test('is for the node itself', () => {
    given(tailnet)
      .when('AdvertiseRoutes', advertise(), { by: theUser('ned') })
      .thenRejected('auth.forbidden');
    given(tailnet).when('AdvertiseRoutes', { nodeId: 'node_x', prefixes: [] }).thenRejected('node.unknown');
  });

  test.each([
    ['10.0.0.1/8', 'route.not_canonical', 'write 10.0.0.0/8'],
    ['10.0.0.1', 'route.not_canonical', 'write 10.0.0.1/32'],
    ['FD00::/64', 'route.not_canonical', 'write fd00::/64'],
    ['ten', 'route.malformed', undefined],
    ['10.0.0.0/33', 'route.malformed', undefined],
    ['100.64.0.0/16', 'route.inside_tailnet', undefined],
    ['100.0.0.0/8', 'route.inside_tailnet', undefined],
    ['fd7a:115c:a1e0:1::/64', 'route.inside_tailnet', undefined],
    ['127.0.0.0/8', 'route.never_routed', undefined],
    ['::1/128', 'route.never_routed', undefined],
    ['::ffff:10.0.0.0/104', 'route.not_canonical', undefined],
    ['169.254.169.254/32', 'route.never_routed', undefined],
    ['fe80::/64', 'route.never_routed', undefined],
    ['239.0.0.0/8', 'route.never_routed', undefined],
  ])('%s is refused', (prefix, code, hint) => {
    given(tailnet)
      .when('AdvertiseRoutes', advertise(lan.prefix, prefix))
      .thenRejected(code, { where: prefix, ...(hint && { hint }) });
  });

  test('a node serves a bounded number of routes', () => {
    const many = Array.from({ length: 1001 }, (_, i) => `10.${i >> 8}.${i & 255}.0/24`);
    given(tailnet)
      .when('AdvertiseRoutes', advertise(...many))
      .thenRejected('route.too_many');
    expect(given(tailnet).when('AdvertiseRoutes', advertise(...many.slice(1))).events).toHaveLength(1000);
  });
});

describe('ApproveRoute', () => {
  test('brings an advertised route into force, once', () => {
    const { state } = given(tailnet.withOffers('r', [ten.prefix]))
      .when('ApproveRoute', ten, { by: theUser('ned') })
      .thenEvents(['RouteApproved', { ...ten, by: 'admin' }])
      .when('ApproveRoute', ten)
      .thenNothing();
    const approvedAt = state.revision;
    expect(state.nodes.get('node_r')?.routes.get(ten.prefix)).toEqual({
      advertised: true,
      approved: true,
      by: 'admin',
      inForceSince: approvedAt,
    });
  });

  test('refuses what the node does not advertise, and says what it does', () => {
    given(tailnet.withOffers('r', [ten.prefix]))
      .when('ApproveRoute', lan)
      .thenRejected('route.not_advertised', { where: 'prefix', hint: 'it advertises 10.0.0.0/8' });
    given(tailnet).when('ApproveRoute', lan).thenRejected('route.not_advertised');
    given(tailnet)
      .when('ApproveRoute', { ...lan, nodeId: 'node_x' })
      .thenRejected('node.unknown');
  });

  test('outlives a withdrawal', () => {
    const { state } = given(tailnet.withRoutes('r', [ten.prefix]))
      .when('AdvertiseRoutes', advertise())
      .thenEvents(['RouteWithdrawn', ten])
      .when('AdvertiseRoutes', advertise(ten.prefix))
      .thenEvents(['RouteAdvertised', ten]);
    expect(state.nodes.get('node_r')?.routes.get(ten.prefix)?.inForceSince).toBe(state.revision);
  });
});

describe('RevokeRoute', () => {
  test('takes a route out of force, once', () => {
    given(tailnet.withRoutes('r', [ten.prefix]))
      .when('RevokeRoute', ten, { by: theUser('ned') })
      .thenEvents(['RouteRevoked', { ...ten, by: 'admin' }])
      .when('RevokeRoute', ten)
      .thenNothing();
  });

  test('needs a route', () => {
    given(tailnet).when('RevokeRoute', ten).thenRejected('route.unknown');
    given(tailnet)
      .when('RevokeRoute', { ...ten, nodeId: 'node_x' })
      .thenRejected('node.unknown');
  });
});

describe('approval by the policy', () => {
  const tagOwners = { 'tag:router': ['group:net'] };
  const approving = (routes: Record<string, string[]>, exitNode: string[] = []) => ({
    groups: { 'group:net': ['ned@example.com'] },
    tagOwners,
    acls: [],
    autoApprovers: { routes, exitNode },
  });
  const byTag = approving({ '10.0.0.0/8': ['tag:router'] }, ['tag:router']);
  const byGroup = approving({ '10.0.0.0/8': ['group:ops'] });
  const site = { ...r, prefix: '10.1.0.0/16' };
  const router = tailnet.withPolicy(byTag).withNode('r', { tags: ['tag:router'] });

  test('comes with the advertisement, for what the approvers may serve', () => {
    given(router)
      .when('AdvertiseRoutes', advertise(site.prefix, lan.prefix, '0.0.0.0/0'))
      .thenEvents(
        ['RouteAdvertised', site],
        ['RouteAdvertised', lan],
        ['RouteAdvertised', { ...r, prefix: '0.0.0.0/0' }],
        ['RouteApproved', { ...site, by: 'policy' }],
        ['RouteApproved', { ...r, prefix: '0.0.0.0/0', by: 'policy' }],
      );
  });

  test('comes and goes with a policy', () => {
    const text = JSON.stringify(byTag);
    given(tailnet.withPolicy(approving({})).withNode('r', { tags: ['tag:router'], offers: [site.prefix] }))
      .when('PublishAcl', { text })
      .thenEvents(['AclPublished', { text }], ['RouteApproved', { ...site, by: 'policy' }])
      .when('PublishAcl', { text: JSON.stringify(approving({})) })
      .thenEvents(
        ['AclPublished', { text: JSON.stringify(approving({})) }],
        ['RouteRevoked', { ...site, by: 'policy' }],
      );
  });

  test('comes and goes with the tags of the node', () => {
    given(tailnet.withPolicy({ ...byTag, tagOwners: { ...tagOwners, 'tag:web': [] } }).withOffers('r', [site.prefix]))
      .when('TagNode', { ...r, tags: ['tag:router'] })
      .thenEvents(['NodeTagged', { ...r, tags: ['tag:router'] }], ['RouteApproved', { ...site, by: 'policy' }])
      .when('TagNode', { ...r, tags: ['tag:web'] })
      .thenEvents(['NodeTagged', { ...r, tags: ['tag:web'] }], ['RouteRevoked', { ...site, by: 'policy' }]);
  });

  test('comes and goes with a group and with a role', () => {
    const group = { group: 'group:ops', members: ['ned@example.com'] };
    const synced = aTailnet().withUser('ned', 'network-admin').withGroup('group:ops', 'ida');
    given(synced.withPolicy(byGroup).withNode('r', { user: 'ned', offers: [site.prefix] }))
      .when('SyncGroup', group)
      .thenEvents(['GroupSynced', group], ['RouteApproved', { ...site, by: 'policy' }])
      .when('SyncGroup', { ...group, members: [] })
      .thenEvents(['GroupSynced', { ...group, members: [] }], ['RouteRevoked', { ...site, by: 'policy' }]);
    const ned = { userId: 'user_ned', role: 'admin' } as const;
    const byRole = approving({ '10.0.0.0/8': ['autogroup:admin'] });
    given(tailnet.withPolicy(byRole).withOffers('r', [site.prefix]))
      .when('ChangeUserRole', ned)
      .thenEvents(['UserRoleChanged', ned], ['RouteApproved', { ...site, by: 'policy' }]);
  });

  test('goes when the machine logs in as someone else', () => {
    const own = router.withOffers('r', [site.prefix]).with('RouteApproved', { ...site, by: 'policy' });
    const { events } = given(own).when('JoinNode', {
      ...r,
      machineKey: sampleKey('r machine'),
      nodeKey: sampleKey('fresh'),
      hostname: 'r',
      os: 'linux',
      proof: { userId: 'user_ned' },
      requestedTags: [],
      ephemeral: false,
    });
    expect(events.map(({ type }) => type)).toEqual(['NodeReauthenticated', 'RouteRevoked']);
  });

  test("an admin's word counts for more: approval and refusal stay, also over a withdrawal", () => {
    given(router.withOffers('r', [site.prefix]))
      .when('RevokeRoute', site)
      .thenEvents(['RouteRevoked', { ...site, by: 'admin' }])
      .when('AdvertiseRoutes', advertise())
      .when('AdvertiseRoutes', advertise(site.prefix))
      .thenEvents(['RouteAdvertised', site])
      .when('ApproveRoute', site)
      .thenEvents(['RouteApproved', { ...site, by: 'admin' }])
      .when('PublishAcl', { text: JSON.stringify(approving({})) })
      .thenEvents(['AclPublished', { text: JSON.stringify(approving({})) }]);
  });

  test('can be made an admin’s own', () => {
    const own = router.withOffers('r', [site.prefix]).with('RouteApproved', { ...site, by: 'policy' });
    const inForceSince = own.state.revision;
    const { state } = given(own)
      .when('ApproveRoute', site)
      .thenEvents(['RouteApproved', { ...site, by: 'admin' }]);
    // Traffic was never interrupted, so the router has no younger claim than before.
    expect(state.nodes.get('node_r')?.routes.get(site.prefix)).toMatchObject({ by: 'admin', inForceSince });
  });

  test('is not remembered when the route is withdrawn', () => {
    const own = router.withOffers('r', [site.prefix]).with('RouteApproved', { ...site, by: 'policy' });
    const { state } = given(own).when('AdvertiseRoutes', advertise());
    expect(state.nodes.get('node_r')?.routes.isEmpty()).toBe(true);
  });
});
