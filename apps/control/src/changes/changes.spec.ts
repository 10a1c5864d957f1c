import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { approveRoute, ChangeDesk, codeOf, OPEN } from '../testing/change-desk.js';
import { ManualClock } from '../testing/manual-clock.js';

const HOUR = 3_600_000;

describe('changes, through the whole control plane', () => {
  const clock = new ManualClock();
  let desk: ChangeDesk;
  beforeAll(async () => {
    desk = await ChangeDesk.open(clock);
  });
  beforeEach(() => desk.tidy());
  afterAll(() => desk.close());

  test('a command that needs approval is refused, and goes through as a change that somebody else approves', async () => {
    const direct = await desk.nora.call('POST', 'nodes/router/routes/approve', { prefix: '10.0.0.0/8' });
    expect([direct.status, direct.body]).toMatchObject([403, { code: 'change.review_required' }]);
    const { changeId, revision } = await desk.propose();
    const { change, impact } = await desk.show(changeId);
    expect(change).toMatchObject({
      stage: 'open',
      ready: false,
      proposedBy: { name: 'nora@example.com' },
      commands: [{ text: 'approve the route 10.0.0.0/8 of router' }],
      requirements: [{ role: 'network-admin', needed: 1, missing: 1 }],
    });
    expect(impact?.changes).not.toEqual([]);
    const digest = { impactDigest: impact?.digest };
    expect(codeOf(await desk.nora.call('POST', `changes/${changeId}/approve`, digest))).toBe(
      'change.own_not_permitted',
    );
    expect(codeOf(await desk.nora.call('POST', `changes/${changeId}/apply`))).toBe('change.needs_approvals');
    expect((await desk.ned.call('POST', `changes/${changeId}/approve`, digest)).status).toBe(200);
    expect((await desk.nora.call('POST', `changes/${changeId}/apply`)).status).toBe(200);
    expect(await desk.events(revision)).toEqual(['ChangeReviewed', 'RouteApproved', 'ChangeApplied']);
    expect(await desk.routes()).toEqual(['10.0.0.0/8']);
  });

  test('an approval is for what the reviewer saw: when the change would do more by then, it lapses', async () => {
    await desk.owner.call('PUT', 'policy', OPEN.replace('*:*', '*:22'), { 'netfold-emergency': 'narrow' });
    const { changeId } = await desk.propose();
    const before = await desk.show(changeId);
    expect((await desk.approve(changeId, desk.ned)).status).toBe(200);
    expect(await desk.listed(changeId)).toMatchObject({ ready: true, problem: null, moved: false });
    await desk.owner.call('PUT', 'policy', OPEN, { 'netfold-emergency': 'wide' });
    expect(await desk.listed(changeId)).toMatchObject({ ready: true, problem: null, moved: true });
    const applied = await desk.nora.call('POST', `changes/${changeId}/apply`);
    expect([applied.status, codeOf(applied)]).toEqual([409, 'change.approvals_lapsed']);
    const { change, impact, sinceApproved } = await desk.show(changeId);
    expect(change).toMatchObject({
      approvals: [],
      ready: false,
      lapsed: { approvals: [{ by: { name: 'ned@example.com' } }] },
    });
    expect(impact?.digest).not.toBe(before.impact?.digest);
    expect(sinceApproved?.added.length).toBeGreaterThan(0);
    expect((applied.body as { details: unknown }).details).toEqual({ difference: sinceApproved });
    const late = await desk.ned.call('POST', `changes/${changeId}/approve`, { impactDigest: before.impact?.digest });
    expect(codeOf(late)).toBe('change.impact_moved');
    await desk.approve(changeId, desk.ned);
    expect((await desk.nora.call('POST', `changes/${changeId}/apply`)).status).toBe(200);
  });

  test('what has nothing to do with a change does not disturb its approvals', async () => {
    const { changeId } = await desk.propose();
    await desk.approve(changeId, desk.ned);
    await desk.owner.call('POST', 'users', { login: `bystander${clock.now()}@example.com` });
    expect((await desk.nora.call('POST', `changes/${changeId}/apply`)).status).toBe(200);
  });

  test('everybody at once: one of them has applied it, and each is told the same', async () => {
    const { changeId, revision } = await desk.propose();
    await desk.approve(changeId, desk.ned);
    const people = [desk.nora, desk.ned, desk.adam, desk.owner];
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, i) => (people[i % 4] ?? desk.nora).call('POST', `changes/${changeId}/apply`)),
    );
    expect(answers.map((answer) => answer.status)).toEqual(Array(12).fill(200));
    const doing = answers.filter((answer) => (answer.body as { events: unknown[] }).events.length > 0);
    expect(doing).toHaveLength(1);
    expect(await desk.events(revision)).toEqual(['ChangeReviewed', 'RouteApproved', 'ChangeApplied']);
  });

  test('apply, reject and withdraw at the same instant: one of them has happened', async () => {
    const ends = new Set<string>();
    for (let round = 0; round < 6; round++) {
      const { changeId, revision } = await desk.propose({ commands: [approveRoute('10.1.0.0/16')] });
      await desk.approve(changeId, desk.ned);
      const acts = [
        () => desk.nora.call('POST', `changes/${changeId}/apply`),
        () => desk.adam.call('POST', `changes/${changeId}/reject`, { comment: 'no' }),
        () => desk.nora.call('POST', `changes/${changeId}/withdraw`),
        () => desk.approve(changeId, desk.adam),
      ];
      const order = [...acts.slice(round % 4), ...acts.slice(0, round % 4)];
      await Promise.all(order.map((act) => act()));
      const { change } = await desk.show(changeId);
      const events = await desk.events(revision);
      const outcomes = ['ChangeApplied', 'ChangeWithdrawn'].filter((type) => events.includes(type));
      const rejected = change.stage === 'rejected' ? 1 : 0;
      expect(outcomes.length + rejected).toBe(1);
      expect(events.includes('RouteApproved')).toBe(change.stage === 'applied');
      expect((await desk.routes()).includes('10.1.0.0/16')).toBe(change.stage === 'applied');
      ends.add(change.stage);
      await desk.owner.call('POST', 'nodes/router/routes/revoke', { prefix: '10.1.0.0/16' });
    }
    expect(ends.has('open')).toBe(false);
  });

  test('a change whose commands do not apply any more is not applied, not even in part', async () => {
    const commands = [approveRoute('10.0.0.0/8'), approveRoute('10.1.0.0/16')];
    const { changeId } = await desk.propose({ commands });
    await desk.approve(changeId, desk.ned);
    await desk.offer('10.0.0.0/8');
    expect((await desk.show(changeId)).problem).toMatchObject({
      code: 'route.not_advertised',
      where: 'commands[1].prefix',
    });
    expect(await desk.listed(changeId)).toMatchObject({
      ready: true,
      problem: { code: 'route.not_advertised' },
      moved: false,
    });
    expect(codeOf(await desk.nora.call('POST', `changes/${changeId}/apply`))).toBe('route.not_advertised');
    expect(await desk.routes()).toEqual([]);
    await desk.offer('10.0.0.0/8', '10.1.0.0/16');
  });

  describe('emergencies', () => {
    test('go ahead with a reason, and are shown until somebody else has taken note', async () => {
      const headers = { 'netfold-emergency': encodeURIComponent('the office is cut off') };
      const { body, status } = await desk.adam.call(
        'POST',
        'nodes/router/routes/approve',
        { prefix: '10.0.0.0/8' },
        headers,
      );
      expect([status, (body as { events: { type: string }[] }).events.map(({ type }) => type)]).toEqual([
        200,
        ['RouteApproved', 'ReviewOverridden'],
      ]);
      const list = (await desk.owner.call('GET', 'changes')).body as { overrides: { id: string }[] };
      expect(list.overrides).toMatchObject([{ command: 'ApproveRoute', by: { name: 'adam@example.com' } }]);
      const path = `overrides/${encodeURIComponent(list.overrides[0]?.id ?? '')}/acknowledge`;
      expect(codeOf(await desk.adam.call('POST', path))).toBe('override.own_not_permitted');
      expect((await desk.nora.call('POST', path)).status).toBe(200);
      expect((await desk.owner.call('GET', 'overrides')).body).toMatchObject({ overrides: [] });
    });

    test('are not for everybody', async () => {
      const headers = { 'netfold-emergency': 'now' };
      const answer = await desk.nora.call('POST', 'nodes/router/routes/approve', { prefix: '10.0.0.0/8' }, headers);
      expect([answer.status, codeOf(answer)]).toEqual([403, 'change.emergency_not_permitted']);
    });
  });

  test('every step is refused on condition of a revision that has passed', async () => {
    const { changeId } = await desk.propose();
    const undone = await desk.propose({ commands: [approveRoute('10.1.0.0/16')] });
    await desk.approve(undone.changeId, desk.ned);
    await desk.nora.call('POST', `changes/${undone.changeId}/apply`);
    const { impact } = await desk.show(changeId);
    const steps: [string, unknown?][] = [
      ['changes', { title: 't', commands: [approveRoute('10.0.0.0/8')] }],
      ['reverts', { changeId: undone.changeId }],
      [`changes/${changeId}/approve`, { impactDigest: impact?.digest }],
      [`changes/${changeId}/reject`, {}],
      [`changes/${changeId}/apply`],
      [`changes/${changeId}/schedule`, { at: clock.now() + HOUR }],
      [`changes/${changeId}/withdraw`],
      ['overrides/none/acknowledge'],
    ];
    for (const [path, body] of steps) {
      const answer = await desk.adam.call('POST', path, body, { 'if-match': '"3"' });
      expect([path, answer.status, codeOf(answer)]).toEqual([path, 412, 'tailnet.stale_revision']);
    }
    const rules = await desk.owner.call('PUT', 'review-rules', { rules: [] }, { 'if-match': '"3"' });
    expect(rules.status).toBe(412);
    expect((await desk.show(changeId)).change.stage).toBe('open');
  });

  test('tokens of nobody’s have no say', async () => {
    const { body } = await desk.owner.call('POST', 'api-tokens', { role: 'admin' });
    const headers = { authorization: `Bearer ${(body as { token: string }).token}` };
    const answer = await desk.control.call(
      'POST',
      'changes',
      { title: 't', commands: [approveRoute('10.0.0.0/8')] },
      headers,
    );
    expect([answer.status, codeOf(answer)]).toEqual([403, 'change.nobody_not_permitted']);
  });

  test('commands that yield secrets, or are a machine’s own, are in no change', async () => {
    for (const type of [
      'IssueAuthKey',
      'IssueApiToken',
      'JoinNode',
      'RotateKey',
      'AdvertiseRoutes',
      'ExpireDue',
      'CreateTailnet',
      'ApplyChange',
    ]) {
      const answer = await desk.adam.call('POST', 'changes', { title: 't', commands: [{ type, data: {} }] });
      expect([type, answer.status, codeOf(answer)]).toEqual([type, 400, 'change.not_proposable']);
    }
  });
});
