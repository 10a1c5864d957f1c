import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { TestControl } from '../testing/test-control.js';

describe('the HTTP API, about the past', () => {
  let control: TestControl;
  const at = async (path: string) => (await control.call('GET', path)).body as Record<string, unknown>;
  const revisionNow = async () => (await at('revision')).revision as number;

  beforeAll(async () => {
    control = await TestControl.start();
  });
  afterAll(() => control.stop());

  test('says what there was: users, their roles, and when somebody was there at all', async () => {
    const start = await revisionNow();
    await control.call('POST', 'users', { login: 'zoe@example.com', role: 'auditor' });
    const joined = await revisionNow();
    await control.call('POST', 'users/zoe@example.com/role', { role: 'admin' });
    await control.call('DELETE', 'users/zoe@example.com');
    const gone = await revisionNow();
    const zoe = (moment: number) => at(`users/zoe@example.com?at=${moment}`);
    expect(await zoe(joined)).toMatchObject({ revision: joined, user: { role: 'auditor' } });
    expect(await zoe(joined + 1)).toMatchObject({ user: { role: 'admin', nodes: [] }, recordedAt: expect.any(Number) });
    expect(await zoe(start)).toMatchObject({ code: 'user.unknown', hint: `it came with revision ${joined}` });
    expect(await zoe(gone)).toMatchObject({ code: 'user.unknown', hint: `it was removed with revision ${gone}` });
    expect(await at(`users?at=${joined}`)).toMatchObject({ users: [{}, { login: 'zoe@example.com' }] });
    expect(await at('users/nobody?at=0')).toMatchObject({ hint: expect.stringContaining('has never had') });
  });

  test('says what policy was in force', async () => {
    const before = await at('policy?at=now');
    const revision = await revisionNow();
    await control.call('PUT', 'policy', '{"acls": []}');
    expect(await at(`policy?at=${revision}`)).toBe(before);
    expect(await at('policy?at=now')).toBe('{"acls": []}');
  });

  test('refuses moments that are none, with what is wrong', async () => {
    const code = async (moment: string) => (await at(`nodes?at=${encodeURIComponent(moment)}`)).code;
    expect(await Promise.all(['soon', '1970-01-02', '2999-01-01', '99999'].map(code))).toEqual([
      'history.bad_moment',
      'history.before_beginning',
      'history.in_future',
      'history.no_such_revision',
    ]);
    expect(await at('nodes?at=1&at=2')).toMatchObject({ code: 'http.bad_query' });
    expect(await at('moment')).toMatchObject({ revision: await revisionNow(), recordedAt: expect.any(Number) });
  });

  test('is for those who may read the ledger, and rebuilding for owners and admins', async () => {
    const tokenOf = async (role: string) => {
      const { body } = await control.call('POST', 'api-tokens', { role, description: role });
      return { authorization: `Bearer ${(body as { token: string }).token}` };
    };
    const [member, auditor] = [await tokenOf('member'), await tokenOf('auditor')];
    expect(await control.call('GET', 'nodes?at=1', undefined, member)).toMatchObject({ status: 403 });
    expect(await control.call('GET', 'nodes?at=1', undefined, auditor)).toMatchObject({ status: 200 });
    expect(await control.call('POST', 'projections/rebuild', undefined, auditor)).toMatchObject({ status: 403 });
    const { body } = await control.call('POST', 'projections/rebuild');
    const lines = String(body).trim().split('\n');
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ done: { equal: true, differences: [] } });
  });
});
