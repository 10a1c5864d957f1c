import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ManualClock } from '../testing/manual-clock.js';
import { TestAgent } from '../testing/test-agent.js';
import { TestControl } from '../testing/test-control.js';

const POLICY = (ports: string) => `{
  // who may reach what
  "acls": [{"action": "accept", "src": ["*"], "dst": ["*:${ports}"]}],
}
`;

interface Event {
  readonly revision: number;
  readonly type: string;
  readonly summary: string;
  readonly by: string;
  readonly person?: string;
  readonly reason?: string;
  readonly recordedAt: number;
  readonly actor: { readonly from?: string; readonly via?: string };
}

describe('the ledger over HTTP', () => {
  const clock = new ManualClock();
  const start = clock.now();
  let control: TestControl;
  let agent: TestAgent;

  const events = async (query: string): Promise<Event[]> => {
    const { body } = await control.call('GET', `events?${query}`);
    return (body as { events: Event[] }).events;
  };
  const summaries = async (query: string) => (await events(query)).map(({ summary }) => summary);

  /** A minute passes between two changes. */
  const change = async (...words: Parameters<TestControl['call']>) => {
    clock.advance(60_000);
    const { body } = await control.call(...words);
    return body as { revision: number; token?: string };
  };

  beforeAll(async () => {
    control = await TestControl.start({ clock });
    await change('POST', 'users', { login: 'alice@example.com', role: 'admin' });
    await change('PUT', 'policy', POLICY('*'));
    await change('PUT', 'policy', POLICY('22'), {
      'netfold-reason': encodeURIComponent('only SSH — ticket 7'),
      'netfold-client': 'console',
    });
    const { token } = await change('POST', 'api-tokens', {
      role: 'admin',
      user: 'alice@example.com',
      description: '=ci, nightly',
    });
    agent = new TestAgent(control.grpcAddress, 'laptop');
    clock.advance(60_000);
    await agent.register(await control.authKey());
    const alice = { authorization: `Bearer ${token}` };
    await change('POST', 'nodes/laptop/rename', { name: 'workhorse' }, alice);
    await change('PUT', 'settings', { keyExpiry: 30 * 86_400_000, deviceApproval: true }, alice);
    await change('POST', 'nodes/workhorse/expire');
    await change('DELETE', 'nodes/workhorse');
  });

  afterAll(async () => {
    await agent.close();
    await control.stop();
  });

  test('says who did what, from where, through what and why', async () => {
    expect(await events('type=AclPublished&last=1')).toMatchObject([
      {
        by: 'first start',
        person: 'admin@netfold.internal',
        actor: { kind: 'token', from: '127.0.0.1', via: 'console' },
        reason: 'only SSH — ticket 7',
        summary: 'the policy was published (1 line added, 1 removed)',
      },
    ]);
    expect(await events('type=NodeRenamed')).toMatchObject([{ by: '=ci, nightly', person: 'alice@example.com' }]);
    expect(await events('type=NodeJoined')).toMatchObject([{ by: 'laptop', actor: { kind: 'node' } }]);
    expect((await events('to=1')).map(({ by }) => by)).toEqual(['system', 'system']);
  });

  test('calls things what they were called then', async () => {
    expect(await summaries('node=workhorse')).toEqual([
      expect.stringMatching(/^laptop joined with 100\.64\.0\.1 for admin@netfold\.internal$/),
      'laptop is now called workhorse',
      'the key of workhorse expired',
      'workhorse left (removed)',
    ]);
    expect(await summaries('type=SettingsChanged')).toEqual([
      'settings changed: new nodes wait for approval, keys of nodes expire after 30 days',
    ]);
    expect(await summaries('type=apitokenissued&last=1')).toEqual([
      expect.stringMatching(
        /^API token \w+ \(=ci, nightly\) was issued with the role admin for alice@example\.com, valid/,
      ),
    ]);
  });

  test('is filtered by time, by revision, and by how much', async () => {
    const all = await events('');
    const at = (index: number) => new Date(all.at(index)?.recordedAt ?? 0).toISOString();
    const revisions = async (query: string) => (await events(query)).map(({ revision }) => revision);
    const last = all.length - 1;
    expect(await revisions(`since=${at(-2)}`)).toEqual([last - 1, last]);
    expect(await revisions(`since=${at(-2)}&until=${at(-2)}`)).toEqual([last - 1]);
    expect(await revisions('since=1m')).toEqual([last - 1, last]);
    expect(await revisions('since=1999-01-01&to=0')).toEqual([0]);
    expect(await revisions('until=2999-01-01&from=1&to=1')).toEqual([1]);
    expect(await revisions(`after=${last}`)).toEqual([]);
    expect(await revisions('after=2&to=2')).toEqual([]);
    expect(await revisions(`until=${new Date(start).toISOString()}`)).toEqual([0, 1, 2, 3]);
    expect(await revisions('from=1&to=2')).toEqual([1, 2]);
    expect(await revisions('last=2')).toEqual([last - 1, last]);
    expect(await revisions('order=newest&limit=3')).toEqual([last, last - 1, last - 2]);
    expect(await control.call('GET', 'events?limit=2')).toMatchObject({ body: { next: { after: 1 } } });
    expect(await control.call('GET', 'events?order=newest&limit=2')).toMatchObject({
      body: { next: { to: last - 2 } },
    });
    expect((await control.call('GET', 'events')).body).not.toHaveProperty('next');
  });

  test('is filtered by what, by whom, about whom, and by words', async () => {
    const types = async (query: string) => (await events(query)).map(({ type }) => type);
    expect(await types('type=UserJoined,nodeRen*')).toEqual(['UserJoined', 'UserJoined', 'NodeRenamed']);
    expect(await types('type=NodeExpired&type=NodeRemoved')).toEqual(['NodeExpired', 'NodeRemoved']);
    expect(await types('user=alice@example.com')).toEqual([
      'UserJoined',
      'ApiTokenIssued',
      'NodeRenamed',
      'SettingsChanged',
    ]);
    expect(await types('actor=alice@example.com')).toEqual(['NodeRenamed', 'SettingsChanged']);
    expect(await types('actor=system&type=TailnetCreated')).toEqual(['TailnetCreated']);
    expect(await types('text=TICKET')).toEqual(['AclPublished']);
    expect(await types('text=workhorse&type=Node*')).toEqual(['NodeRenamed', 'NodeExpired', 'NodeRemoved']);
  });

  test.each([
    ['type=NodeTeleported', 'ledger.unknown_type'],
    ['node=nobody', 'node.unknown'],
    ['user=nobody', 'user.unknown'],
    ['since=soon', 'history.bad_moment'],
    ['since=2999-01-01', 'history.in_future'],
    ['until=1999-01-01', 'history.before_beginning'],
    ['from=999999', 'history.no_such_revision'],
    ['after=999999', 'history.no_such_revision'],
    ['from=2&to=0', 'http.bad_query'],
    ['order=newest&last=1', 'http.bad_query'],
    ['limit=0', 'http.bad_query'],
  ])('refuses %s with %s', async (query, code) => {
    expect((await control.call('GET', `events?${query}`)).body).toMatchObject({ code });
  });

  test('comes as CSV, whose fields are no formulas', async () => {
    const byFormat = await control.call('GET', 'events?type=ApiTokenIssued,NodeRenamed,AclPublished&format=csv&from=4');
    const byAccept = await control.call(
      'GET',
      'events?type=ApiTokenIssued,NodeRenamed,AclPublished&from=4',
      undefined,
      {
        accept: 'text/csv',
      },
    );
    expect(byAccept.body).toBe(byFormat.body);
    expect(byFormat.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    const rows = (byFormat.body as string).split('\r\n');
    expect(rows[0]).toBe('revision,time,actor_kind,actor_id,by,person,from,via,type,summary,reason,id,hash');
    expect(rows).toHaveLength(6);
    expect(rows[2]).toMatch(
      /,console,AclPublished,"the policy was published \(1 line added, 1 removed\)",only SSH — t/,
    );
    expect(rows[4]).toMatch(/^\d+,2026-\S+Z,token,\w+,"'=ci, nightly",alice@example\.com,127\.0\.0\.1,,NodeRenamed,/);
  });

  test('shows one event whole, and of a policy its lines', async () => {
    const [{ revision } = { revision: -1 }] = await events('type=AclPublished&last=1');
    expect((await control.call('GET', `events/${revision}`)).body).toMatchObject({
      event: { revision, data: { text: POLICY('22') } },
      lines: [
        '-   "acls": [{"action": "accept", "src": ["*"], "dst": ["*:*"]}],',
        '+   "acls": [{"action": "accept", "src": ["*"], "dst": ["*:22"]}],',
      ],
    });
    for (const bad of [-1, 99_999]) {
      expect(await control.call('GET', `events/${bad}`)).toMatchObject({
        status: 404,
        body: { code: 'revision.unknown' },
      });
    }
  });

  test('follows from the last ones on, through the filter, and misses none', async () => {
    const url = `${control.httpUrl}/api/v1/tailnets/-/events?follow=true&last=1&limit=4&type=UserJoined`;
    const response = await fetch(url, { headers: { authorization: `Bearer ${control.token}` } });
    const logins = ['x1', 'x2', 'x3'].map((name) => `${name}@example.com`);
    for (const login of logins) await control.call('POST', 'users', { login });
    const lines = (await response.text()).trim().split('\n');
    const said = lines.map((line) => (JSON.parse(line) as Event).summary);
    expect(said).toEqual(['alice@example.com', ...logins].map((login) => expect.stringContaining(login)));
  });

  test('a key that comes with another request is refused, and one that comes with the same is not', async () => {
    const key = { 'idempotency-key': 'a-key' };
    const first = await control.call('POST', 'users', { login: 'y1@example.com' }, key);
    expect(await control.call('POST', 'users', { login: 'y1@example.com' }, key)).toMatchObject({
      status: 201,
      body: { revision: (first.body as { revision: number }).revision, events: [] },
    });
    const mismatch = { status: 422, body: { code: 'http.idempotency_mismatch', where: 'Idempotency-Key' } };
    expect(await control.call('POST', 'users', { login: 'y2@example.com' }, key)).toMatchObject(mismatch);
    expect(await control.call('PUT', 'dns', {}, key)).toMatchObject(mismatch);
  });
});
