import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { ChangeDesk, codeOf, OPEN } from '../testing/change-desk.js';
import { ManualClock } from '../testing/manual-clock.js';

describe('two edits of the policy from the same base', () => {
  const clock = new ManualClock();
  let desk: ChangeDesk;
  beforeAll(async () => {
    desk = await ChangeDesk.open(clock);
  });
  beforeEach(() => desk.tidy());
  afterAll(() => desk.close());

  const mine = OPEN.replace('"acls"', '"groups": {"group:a": ["nora@example.com"]},\n  "acls"');
  const yours = OPEN.replace('*:*', '*:22');

  test('the second is told, with both in one text when they go together', async () => {
    await desk.setRules([], { 'netfold-emergency': 'rules are not the subject' });
    const { headers } = await desk.nora.call('GET', 'policy');
    const base = { 'if-match': headers.get('etag') ?? '' };
    expect((await desk.ned.call('PUT', 'policy', yours, base)).status).toBe(200);
    const late = await desk.nora.call('PUT', 'policy', mine, base);
    expect([late.status, codeOf(late)]).toEqual([412, 'policy.stale_revision']);
    const { merged, head, conflicts } = (
      late.body as { details: { merged: string; head: number; conflicts: unknown[] } }
    ).details;
    expect(conflicts).toEqual([]);
    expect(merged).toContain('group:a');
    expect(merged).toContain('*:22');
    expect(merged).toContain('// who may reach what');
    expect((await desk.nora.call('PUT', 'policy', merged, { 'if-match': `"${head}"` })).status).toBe(200);
  });

  test('or with the places where they contradict each other', async () => {
    await desk.setRules([], { 'netfold-emergency': 'rules are not the subject' });
    const { headers } = await desk.nora.call('GET', 'policy');
    const base = { 'if-match': headers.get('etag') ?? '' };
    await desk.ned.call('PUT', 'policy', yours, base);
    const late = await desk.nora.call('PUT', 'policy', OPEN.replace('*:*', '*:80'), base);
    expect((late.body as { details: unknown }).details).toMatchObject({
      merged: null,
      conflicts: [{ path: expect.stringContaining('acls'), message: expect.any(String) }],
    });
  });

  test('who does not say where an edit began may replace only what is their own, unless they say that they mean it', async () => {
    await desk.setRules([], { 'netfold-emergency': 'rules are not the subject' });
    const anything = { 'if-match': '*' };
    expect((await desk.ned.call('PUT', 'policy', yours, anything)).status).toBe(200);
    expect((await desk.ned.call('PUT', 'policy', OPEN)).status).toBe(200);
    const unseen = await desk.nora.call('PUT', 'policy', mine);
    expect([unseen.status, codeOf(unseen)]).toEqual([428, 'http.condition_required']);
    expect((await desk.owner.call('GET', 'policy')).body).toBe(OPEN);
    expect((await desk.nora.call('PUT', 'policy', mine, anything)).status).toBe(200);
    await desk.ned.call('PUT', 'dns', { nameservers: ['9.9.9.9'] }, anything);
    const dns = await desk.nora.call('PUT', 'dns', {});
    expect([dns.status, codeOf(dns)]).toEqual([428, 'http.condition_required']);
    expect((await desk.nora.call('PUT', 'dns', {}, anything)).status).toBe(200);
  });

  test('what else has changed since an edit began does not matter to the policy', async () => {
    await desk.setRules([], { 'netfold-emergency': 'rules are not the subject' });
    const base = { 'if-match': (await desk.nora.call('GET', 'policy')).headers.get('etag') ?? '' };
    await desk.owner.call('PUT', 'settings', { deviceApproval: true });
    await desk.owner.call('PUT', 'settings', { deviceApproval: false });
    expect((await desk.nora.call('PUT', 'policy', `${mine}// more`, base)).status).toBe(200);
    const future = await desk.nora.call('PUT', 'policy', mine, { 'if-match': '"99999"' });
    expect([future.status, codeOf(future)]).toEqual([412, 'policy.stale_revision']);
  });

  test('also as changes: the second one proposed, or the second one applied', async () => {
    const { body } = await desk.owner.call('GET', 'revision');
    const { revision: baseRevision } = body as { revision: number };
    const edit = (text: string) => ({ baseRevision, commands: [{ type: 'PublishAcl', data: { text } }] });
    const first = await desk.propose(edit(yours));
    const second = await desk.propose(edit(mine), desk.adam);
    await desk.approve(first.changeId, desk.ned);
    await desk.approve(second.changeId, desk.ned);
    expect((await desk.nora.call('POST', `changes/${first.changeId}/apply`)).status).toBe(200);
    const stale = await desk.adam.call('POST', `changes/${second.changeId}/apply`);
    expect([stale.status, codeOf(stale)]).toEqual([409, 'policy.stale_base']);
    expect((stale.body as { details: { merged: string } }).details.merged).toContain('*:22');
    expect((await desk.show(second.changeId)).problem).toMatchObject({ code: 'policy.stale_base' });
    const third = await desk.adam.call('POST', 'changes', { title: 'again', ...edit(mine) });
    expect([third.status, codeOf(third)]).toEqual([409, 'policy.stale_base']);
    expect((third.body as { details: { merged: string } }).details.merged).toContain('*:22');
  });
});
