import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { TestAgent } from '../testing/test-agent.js';
import { TestControl } from '../testing/test-control.js';

const policy = (port: number) =>
  JSON.stringify({
    acls: [{ action: 'accept', proto: 'tcp', src: ['ann@example.com'], dst: [`bob@example.com:${port}`] }],
  });

describe('who reaches what, over HTTP', () => {
  let control: TestControl;
  let first = 0;
  const get = async (path: string) => (await control.call('GET', path)).body;

  beforeAll(async () => {
    control = await TestControl.start();
    for (const login of ['ann@example.com', 'bob@example.com']) await control.call('POST', 'users', { login });
    const { body } = await control.call('PUT', 'policy', policy(22));
    first = (body as { revision: number }).revision;
    await control.call('PUT', 'policy', policy(80));
  });

  afterAll(() => control.stop());

  test('now and then, with the rule and the publication that decide', async () => {
    const flow = 'reach?src=ann@example.com&dst=bob@example.com:22';
    expect(await get(flow)).toMatchObject({ allowed: false, route: null, policyCause: { type: 'AclPublished' } });
    expect(await get(`${flow}&at=${first}`)).toMatchObject({
      allowed: true,
      revision: first,
      rule: { name: 'acls[0]' },
      policyCause: { revision: first, type: 'AclPublished' },
      routeCause: null,
    });
  });

  test('everyone who does, and all that someone does', async () => {
    expect(await get('reach/who?dst=bob@example.com:80')).toMatchObject({
      entries: [],
      machines: [],
      revision: first + 1,
    });
    expect(await get('reach/from?src=ann@example.com')).toMatchObject({ entries: [] });
    expect(await get('reach/who?dst=nowhere:80')).toMatchObject({ code: 'policy.unknown_name' });
    expect(await get('reach/who?dst=bob@example.com')).toMatchObject({ code: 'policy.bad_question' });
    expect(await get('reach/from')).toMatchObject({ code: 'http.bad_query' });
  });

  test('what two moments do not have in common', async () => {
    expect(await get(`diff?from=${first}`)).toMatchObject({
      from: { revision: first },
      to: { revision: first + 1 },
      changes: [{ about: 'policy' }],
      policy: [{ kind: 'removed' }, { kind: 'added' }],
      digest: expect.any(String),
    });
    expect(await get(`diff?from=${first}&to=${first}`)).toMatchObject({ changes: [], lost: [], gained: [] });
    expect(await get('diff')).toMatchObject({ code: 'http.bad_query' });
    expect(await get('diff?from=99999')).toMatchObject({ code: 'history.no_such_revision' });
  });

  test('with machines: over which router, by whom approved, and the flows that a revoked route takes', async () => {
    const agents = ['laptop', 'router'].map((name) => new TestAgent(control.grpcAddress, name));
    for (const agent of agents) await agent.register(await control.authKey());
    await agents[1]?.command({ kind: 'advertise-routes', prefixes: ['10.1.0.0/16'] });
    await control.call('PUT', 'policy', '{"acls": [{"action": "accept", "src": ["*"], "dst": ["10.1.0.0/16:443"]}]}');
    const approved = await control.call('POST', 'nodes/router/routes/approve', { prefix: '10.1.0.0/16' });
    const { revision } = approved.body as { revision: number };
    expect(await get('reach?src=laptop&dst=10.1.2.3:443')).toMatchObject({
      allowed: true,
      route: { prefix: '10.1.0.0/16', router: 'router', approvedBy: 'admin', since: revision },
      routeCause: { revision, type: 'RouteApproved' },
    });
    expect(await get('reach/who?dst=10.1.2.3:443')).toMatchObject({ machines: ['laptop'] });
    await control.call('POST', 'nodes/router/routes/revoke', { prefix: '10.1.0.0/16' });
    expect(await get('reach?src=laptop&dst=10.1.2.3:443')).toMatchObject({
      allowed: false,
      obstacles: ['no machine routes to 10.1.2.3'],
    });
    expect(await get(`diff?from=${revision}`)).toMatchObject({
      lost: [{ from: { count: 1 }, to: { text: '10.1.0.0/16' }, services: ['443/tcp', '443/udp', 'icmp'] }],
      gained: [],
      changes: [{ about: 'route', what: 'is refused by an admin' }],
    });
    for (const agent of agents) await agent.close();
  });

  test('is not for members', async () => {
    const { body } = await control.call('POST', 'api-tokens', { role: 'member' });
    const headers = { authorization: `Bearer ${(body as { token: string }).token}` };
    for (const path of ['reach/who?dst=bob@example.com:80', `diff?from=${first}`]) {
      expect((await control.call('GET', path, undefined, headers)).status).toBe(403);
    }
  });

  test('a machine goes by the name that it had then; one that was not there is told from one that never was', async () => {
    const agent = new TestAgent(control.grpcAddress, 'desk');
    await agent.register(await control.authKey());
    const { revision } = (await get('revision')) as { revision: number };
    await control.call('POST', 'nodes/desk/rename', { name: 'tower' });
    const asked = (at: number) => get(`reach?src=tower&dst=bob@example.com:80&at=${at}`);
    expect(await asked(revision)).toMatchObject({ summary: expect.stringMatching(/^desk to bob/) });
    expect(await get(`reach/from?src=tower&at=${revision}`)).toMatchObject({ entries: [] });
    expect(await asked(first)).toMatchObject({ code: 'node.unknown', hint: `it came with revision ${revision}` });
    expect(await get(`reach/who?dst=nowhere:80&at=${first}`)).toMatchObject({ code: 'policy.unknown_name' });
    await agent.close();
  });
});
