import { describe, expect, test } from '@jest/globals';
import { aTailnet, loginOf, nodeId, type TailnetBuilder } from '#tailnet/testing';
import { given } from './testing/scenario.js';

const LAN = '192.168.1.0/24';
const TAGS = { 'tag:gate': [], 'tag:gate2': [], 'tag:exit': [], 'tag:lone': [] };
const accept = (src: string, ...dst: string[]) => ({ action: 'accept', src: [src], dst });
const onto = (name: string, prefix = LAN) => ({ nodeId: nodeId(name), prefix });

/** alice may reach a part of the LAN behind the gate; bob and the lone node may not. */
const office = aTailnet()
  .withUser('alice')
  .withUser('bob')
  .withPolicy({ tagOwners: TAGS, acls: [accept(loginOf('alice'), '192.168.1.10:22')] })
  .withNode('laptop', { user: 'alice' })
  .withNode('phone', { user: 'bob' })
  .withNode('lone', { tags: ['tag:lone'] })
  .withNode('gate', { tags: ['tag:gate'] });
const names = ['laptop', 'phone', 'lone', 'gate', 'gate2'];
const RULE = 'rule user:alice@example.com → 192.168.1.10/32:22';

const told = (tailnet: TailnetBuilder, act: (tailnet: TailnetBuilder) => TailnetBuilder) => {
  const outcome = given(tailnet).when(act);
  return Object.fromEntries(names.map((name) => [name, outcome.told(name)]).filter(([, lines]) => lines?.length));
};

describe('a route', () => {
  const offered = office.withOffers('gate', [LAN]);
  const served = office.withRoutes('gate', [LAN]);
  const doubled = served.withNode('gate2', { tags: ['tag:gate2'], routes: [LAN] });

  test('that nobody approved is its router’s own affair', () => {
    expect(told(office, (tailnet) => tailnet.withOffers('gate', [LAN]))).toEqual({ gate: ['~ self gate'] });
  });

  test('opens to those who may reach something in it, and its router gets the rules and the peers', () => {
    const approve = (tailnet: TailnetBuilder) => tailnet.with('RouteApproved', { ...onto('gate'), by: 'admin' });
    expect(told(offered, approve)).toEqual({
      laptop: ['+ peer gate', `+ route ${LAN} via gate`],
      gate: ['~ self gate', '+ peer laptop', `+ ${RULE}`],
    });
    expect(given(offered).when(approve).affected).toEqual(['gate', 'laptop']);
  });

  test('closes when it is revoked or withdrawn', () => {
    const closed = {
      laptop: [`- route ${LAN} via gate`, '- peer gate'],
      gate: [`- ${RULE}`, '- peer laptop', '~ self gate'],
    };
    expect(told(served, (tailnet) => tailnet.with('RouteRevoked', { ...onto('gate'), by: 'admin' }))).toEqual(closed);
    expect(told(served, (tailnet) => tailnet.with('RouteWithdrawn', onto('gate')))).toEqual(closed);
  });

  test('goes on through the primary when another router joins it, which stands by with rules and peers', () => {
    const join = (tailnet: TailnetBuilder) => tailnet.withNode('gate2', { tags: ['tag:gate2'], routes: [LAN] });
    expect(told(served, join)).toMatchObject({
      laptop: [`~ route ${LAN} via gate, then gate2`, '+ peer gate2'],
    });
    expect(given(served).when(join).knows('gate2')).toEqual(['dns', 'peer laptop', RULE, 'self gate2'].sort());
    expect(given(served).when(join).netmap('gate2').get('self/node_gate2')).toMatchObject({
      routes: [{ prefix: LAN, approved: true, primary: false }],
    });
  });

  test('moves to the next router when the primary goes, by one item for each who uses it', () => {
    expect(told(doubled, (tailnet) => tailnet.with('RouteRevoked', { ...onto('gate'), by: 'admin' }))).toEqual({
      laptop: ['- peer gate', `~ route ${LAN} via gate2`],
      gate: [`- ${RULE}`, '- peer laptop', '~ self gate'],
      gate2: ['~ self gate2'],
    });
  });

  test('stays with the router that took over when the first one is back', () => {
    const moved = doubled.with('RouteRevoked', { ...onto('gate'), by: 'admin' });
    const back = (tailnet: TailnetBuilder) => tailnet.with('RouteApproved', { ...onto('gate'), by: 'admin' });
    expect(told(moved, back)).toMatchObject({ laptop: [`~ route ${LAN} via gate2, then gate`, '+ peer gate'] });
    expect(given(moved).when(back).knows('laptop')).toContain(`route ${LAN} via gate2, then gate`);
  });

  test('is told to those who must answer into it', () => {
    const inbound = office.withPolicy({ tagOwners: TAGS, acls: [accept('192.168.1.0/25', 'tag:lone:22')] });
    expect(told(inbound, (tailnet) => tailnet.withRoutes('gate', [LAN]))).toEqual({
      lone: ['+ peer gate', `+ route ${LAN} via gate`],
      gate: ['~ self gate', '+ peer lone'],
    });
  });

  test('opens by a policy, where everybody saw everybody before', () => {
    const acls = [accept(loginOf('alice'), 'tag:gate:22'), accept(loginOf('bob'), 'tag:gate:22', `${LAN}:22`)];
    const before = office.withPolicy({ tagOwners: TAGS, acls }).withRoutes('gate', [LAN]);
    const widen = (tailnet: TailnetBuilder) =>
      tailnet.withPolicy({ tagOwners: TAGS, acls: [...acls, accept(loginOf('alice'), `${LAN}:80`)] });
    expect(told(before, widen)).toEqual({
      laptop: [`+ route ${LAN} via gate`],
      gate: [`+ rule user:alice@example.com → ${LAN}:80`],
    });
    expect(given(before).when(widen).affected).toEqual(['gate', 'laptop']);
  });

  test('that a policy opens to its own routers is told to those that stand by only', () => {
    const acls = [accept('tag:gate', 'tag:gate:22'), accept('tag:lone', `${LAN}:22`)];
    const before = office
      .withPolicy({ tagOwners: TAGS, acls })
      .withRoutes('gate', [LAN])
      .withNode('gate2', { tags: ['tag:gate'], routes: [LAN] });
    const rule = `+ rule tag:gate → ${LAN}:80`;
    const widen = (tailnet: TailnetBuilder) =>
      tailnet.withPolicy({ tagOwners: TAGS, acls: [...acls, accept('tag:gate', `${LAN}:80`)] });
    expect(told(before, widen)).toEqual({ gate: [rule], gate2: [`+ route ${LAN} via gate`, rule] });
  });

  test('joins two sites: each router learns of the other’s', () => {
    const sites = aTailnet()
      .withPolicy({ tagOwners: TAGS, acls: [accept('10.1.0.0/16', '10.2.0.0/16:*')] })
      .withNode('gate', { tags: ['tag:gate'], routes: ['10.1.0.0/16'] });
    const outcome = given(sites).when((tailnet) =>
      tailnet.withNode('gate2', { tags: ['tag:gate2'], routes: ['10.2.0.0/16'] }),
    );
    expect(outcome.told('gate')).toEqual(['+ peer gate2', '+ route 10.2.0.0/16 via gate2']);
    expect(outcome.knows('gate2')).toEqual([
      ...['dns', 'peer gate', 'route 10.1.0.0/16 via gate', 'rule 10.1.0.0/16 → 10.2.0.0/16:*', 'self gate2'],
    ]);
  });
});

describe('exit nodes', () => {
  const open = office.withPolicy({ tagOwners: TAGS, acls: [accept(loginOf('alice'), 'autogroup:internet:*')] });

  test('are all shown to those who may use them, and to nobody else', () => {
    const outcome = given(open).when((tailnet) =>
      ['exit1', 'exit2'].reduce(
        (built, name) => built.withNode(name, { tags: ['tag:exit'], routes: ['0.0.0.0/0', '::/0'] }),
        tailnet,
      ),
    );
    expect(outcome.knows('laptop')).toEqual([
      ...['dns', 'peer exit1', 'peer exit2', 'route 0.0.0.0/0 via exit1', 'route 0.0.0.0/0 via exit2'],
      ...['route ::/0 via exit1', 'route ::/0 via exit2', 'self laptop'],
    ]);
    expect(outcome.told('phone')).toEqual([]);
    expect(outcome.netmap('exit1').get('self/node_exit1')).toMatchObject({
      routes: [{ primary: true }, { primary: true }],
    });
  });
});

describe('a rule that chooses the routers', () => {
  const grant = (user: string, via: string) => ({ src: [loginOf(user)], dst: [LAN], ip: ['*'], via: [via] });
  const split = office
    .withPolicy({ tagOwners: TAGS, grants: [grant('alice', 'tag:gate'), grant('bob', 'tag:gate2')] })
    .withRoutes('gate', [LAN])
    .withNode('gate2', { tags: ['tag:gate2'], routes: [LAN] });

  test('sends each along its own way', () => {
    const outcome = given(split).when((tailnet) => tailnet);
    expect(outcome.knows('laptop')).toEqual(['dns', 'peer gate', `route ${LAN} via gate`, 'self laptop']);
    expect(outcome.knows('phone')).toEqual(['dns', 'peer gate2', `route ${LAN} via gate2`, 'self phone']);
    expect(outcome.knows('gate2')).toContain('peer phone');
    expect(outcome.knows('gate2')).not.toContain('peer laptop');
  });

  test('sends a router to another one, never to itself', () => {
    const among = { src: ['tag:gate2'], dst: [LAN], ip: ['*'], via: ['tag:gate2'] };
    const outcome = given(office.withPolicy({ tagOwners: TAGS, grants: [among] }).withRoutes('gate', [LAN])).when(
      (tailnet) =>
        tailnet
          .withNode('gate2', { tags: ['tag:gate2'], routes: [LAN] })
          .withNode('gate3', { tags: ['tag:gate2'], routes: [LAN] }),
    );
    expect(outcome.told('gate2')).toContain(`+ route ${LAN} via gate3`);
    expect(outcome.told('gate3')).toContain(`+ route ${LAN} via gate2`);
  });

  test('follows the tags of the routers', () => {
    expect(
      told(split, (tailnet) => tailnet.with('NodeTagged', { nodeId: nodeId('gate2'), tags: ['tag:gate'] })),
    ).toMatchObject({
      laptop: [`~ route ${LAN} via gate, then gate2`, '+ peer gate2'],
      phone: [`- route ${LAN} via gate2`, '- peer gate2'],
    });
  });
});
