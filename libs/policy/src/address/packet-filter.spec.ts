import { describe, expect, it } from '@jest/globals';
import { compilePolicy } from '../compile/compile-policy.js';
import { directoryOf, policyOf, subjectOf } from '../testing.js';
import { NetworkView } from './network-view.js';
import { toPacketFilter } from './packet-filter.js';

const definitions = {
  groups: { 'group:eng': ['ann@example.com'] },
  tagOwners: { 'tag:web': ['group:eng'], 'tag:router': ['group:eng'], 'tag:exit': ['group:eng'] },
  hosts: { office: '10.1.0.0/16' },
};
const subjects = [
  subjectOf('ann', 1, 'ann@example.com'),
  subjectOf('ann-2', 5, 'ann@example.com'),
  subjectOf('bob', 9, 'bob@example.com'),
  subjectOf('web', 17, 'tag:web'),
  subjectOf('router', 33, 'tag:router', { routes: ['10.1.2.0/24'] }),
  subjectOf('exit', 65, 'tag:exit', { routes: ['0.0.0.0/0', '::/0'] }),
];
const filterAt = (id: string, sections: object) =>
  toPacketFilter(
    new NetworkView(compilePolicy(policyOf({ ...definitions, ...sections })), { subjects, directory: directoryOf() }),
    id,
  );

const acl = (src: string[], dst: string[], more: object = {}) => ({ acls: [{ action: 'accept', src, dst, ...more }] });
const ANN = ['100.64.0.1', '100.64.0.5', 'fd7a::1', 'fd7a::5'];
const ports = (first: number, last = first) => ({ First: first, Last: last });

describe('toPacketFilter', () => {
  it('names the addresses of sources, and the node’s own as destinations', () => {
    expect(filterAt('web', acl(['group:eng'], ['tag:web:80,443'], { proto: 'tcp' }))).toEqual([
      {
        SrcIPs: ANN,
        DstPorts: ['100.64.0.17', 'fd7a::11'].flatMap((IP) => [
          { IP, Ports: ports(80) },
          { IP, Ports: ports(443) },
        ]),
        IPProto: [6],
      },
    ]);
    expect(filterAt('bob', acl(['group:eng'], ['tag:web:80']))).toEqual([]);
  });

  it('writes * as the tailnet and its subnets on the source side, and as * on the other', () => {
    expect(filterAt('bob', acl(['*'], ['*:*']))).toEqual([
      {
        SrcIPs: ['100.64.0.0-100.115.91.255', '100.115.94.0-100.127.255.255', 'fd7a:115c:a1e0::/48', '10.1.2.0/24'],
        DstPorts: [{ IP: '*', Ports: ports(0, 65_535) }],
      },
    ]);
    expect(filterAt('bob', acl(['autogroup:danger-all'], ['*:*']))[0]?.SrcIPs).toEqual(['*']);
  });

  it('names a prefix whole at a router whose routes it touches, and nowhere else', () => {
    const rule = acl(['group:eng'], ['office:22']);
    expect(filterAt('router', rule)[0]?.DstPorts).toEqual([{ IP: '10.1.0.0/16', Ports: ports(22) }]);
    expect([filterAt('web', rule), filterAt('exit', rule)]).toEqual([[], []]);
  });

  it('opens the internet at exit nodes only', () => {
    const rule = acl(['group:eng'], ['autogroup:internet:443']);
    const open = filterAt('exit', rule)[0]?.DstPorts?.map(({ IP }) => IP);
    expect(open).toContain('2000::/3');
    expect(open).not.toContain('10.0.0.0/8');
    expect(filterAt('router', rule)).toEqual([]);
  });

  it('keeps autogroup:self to the devices of one person', () => {
    const rule = acl(['autogroup:member'], ['autogroup:self:22']);
    expect(filterAt('ann', rule)).toEqual([
      {
        SrcIPs: ANN,
        DstPorts: [
          { IP: '100.64.0.1', Ports: ports(22) },
          { IP: 'fd7a::1', Ports: ports(22) },
        ],
      },
    ]);
    expect(filterAt('web', rule)).toEqual([]);
  });

  it('lets traffic via a tag through at the routers with that tag only', () => {
    const grants = (via: string) => ({ grants: [{ src: ['group:eng'], dst: ['office'], ip: ['tcp:80'], via: [via] }] });
    expect(filterAt('router', grants('tag:router'))[0]?.DstPorts).toEqual([{ IP: '10.1.0.0/16', Ports: ports(80) }]);
    expect(filterAt('router', grants('tag:web'))).toEqual([]);
  });

  it('grants capabilities at the destination, and their companions at the source', () => {
    const drive = { 'tailscale.com/cap/drive': [{ shares: ['*'] }] };
    const sections = { grants: [{ src: ['bob@example.com'], dst: ['tag:web'], app: drive }] };
    expect(filterAt('web', sections)).toEqual([
      {
        SrcIPs: ['100.64.0.9', 'fd7a::9'],
        CapGrant: [{ Dsts: ['100.64.0.17/32', 'fd7a::11/128'], CapMap: drive }],
      },
    ]);
    expect(filterAt('bob', sections)).toEqual([
      {
        SrcIPs: ['100.64.0.17', 'fd7a::11'],
        CapGrant: [{ Dsts: ['100.64.0.9/32', 'fd7a::9/128'], CapMap: { 'tailscale.com/cap/drive-sharer': null } }],
      },
    ]);
  });
});
