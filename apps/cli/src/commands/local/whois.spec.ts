import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FakeAgents, peer, status } from '../../testing/fake-agent.js';
import { netfold } from '../../testing/fake-io.js';

let agents: FakeAgents;
beforeEach(async () => {
  agents = await FakeAgents.open();
});
afterEach(() => agents.close());

const tailnet = status({
  Peer: {
    a: peer('wide', { IPs: ['100.64.0.3', 'fd00::3'], PrimaryRoutes: ['192.168.0.0/16'] }),
    b: peer('narrow', { IPs: ['100.64.0.4', 'fd00::4'], PrimaryRoutes: ['192.168.1.0/24', '0.0.0.0/0', '::/0'] }),
  },
});
const whois = async (...words: string[]) =>
  netfold(['whois', ...words], await agents.start({ 'GET /status': async () => tailnet }));

describe('netfold whois', () => {
  it('shows the node, its person, and the groups that are known', async () => {
    const { code, stdout } = await whois('100.64.0.1');
    expect(code).toBe(0);
    expect(stdout.split('\n')).toEqual([
      'node       laptop',
      'DNS name   laptop.home.netfold.internal',
      'id         node_1',
      'addresses  100.64.0.1, fd00::1',
      'system     linux',
      'user       alice@example.com',
      'groups     group:ops',
      'tags       -',
      '',
    ]);
  });

  it.each([
    ['100.64.0.3:51312', 'wide', undefined],
    ['[fd00::3]:51312', 'wide', undefined],
    ['[fd00::3]', 'wide', undefined],
    ['fd00:0:0::0003', 'wide', undefined],
    ['Wide.home.netfold.internal.', 'wide', undefined],
    ['192.168.1.10', 'narrow', '192.168.1.0/24'],
    ['192.168.2.10:22', 'wide', '192.168.0.0/16'],
  ])('%s is %s', async (words, HostName, Route) => {
    const answer = JSON.parse((await whois('--json', words)).stdout);
    expect({ name: answer.Node.HostName, route: answer.Route }).toEqual({ name: HostName, route: Route });
    expect(answer.UserProfile).toBeUndefined();
  });

  it('tells programs the person', async () => {
    expect(JSON.parse((await whois('--json', 'laptop')).stdout)).toMatchObject({
      Node: { HostName: 'laptop' },
      UserProfile: { LoginName: 'alice@example.com', Groups: ['group:ops'] },
    });
  });

  it.each(['9.9.9.9', 'nobody', '2001:db8::1', '[]'])('knows no %s, exit nodes or not', async (word) => {
    expect(await whois(word)).toEqual({
      code: 1,
      stdout: '',
      stderr:
        `netfold: no node that this machine may see has or routes "${word}"\n` +
        '  see the nodes that it knows with: netfold status\n',
    });
  });
});
