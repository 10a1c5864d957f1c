import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { approveRoute, ChangeDesk, type Shown } from '../testing/change-desk.js';
import { ManualClock } from '../testing/manual-clock.js';
import type { Answer } from '../testing/test-control.js';

const HOUR = 3_600_000;
const RULES = [{ commands: ['ApproveRoute', 'PublishAcl'], approvals: 1, role: 'network-admin' }];
const OPEN = `{
  // who may reach what
  "acls": [{"action": "accept", "src": ["*"], "dst": ["*:*"]}],
}
`;

const code = ({ body }: Answer): unknown => (body as { code?: string }).code;

describe('changes, through the whole control plane', () => {
  const clock = new ManualClock();
  let desk: ChangeDesk;

  beforeAll(async () => {
    desk = await ChangeDesk.open(clock);
  });

  afterAll(() => desk.close());

  /** The routes of the router that are approved. */
  async function routes(): Promise<string[]> {
    const { body } = await desk.owner.call('GET', 'routes');
    const all = (body as { routes: { prefix: string; approved: boolean }[] }).routes;
    return all.filter(({ approved }) => approved).map(({ prefix }) => prefix);
  }

  async function until(changeId: string, stage: string): Promise<Shown> {
    for (;;) {
      const shown = await desk.show(changeId);
      if (shown.change.stage === stage) return shown;
    }
  }

  const setRules = (rules: unknown, headers: Record<string, string> = {}) =>
    desk.owner.call('PUT', 'review-rules', { rules }, headers);

  beforeEach(async () => {
    const emergency = { 'netfold-emergency': 'a test begins' };
    await setRules([], emergency);
    for (const prefix of await routes()) await desk.owner.call('POST', 'nodes/router/routes/revoke', { prefix });
    await desk.owner.call('PUT', 'policy', OPEN);
    const { body } = await desk.adam.call('GET', 'overrides');
    for (const { id } of (body as { overrides: { id: string }[] }).overrides) {
      await desk.adam.call('POST', `overrides/${encodeURIComponent(id)}/acknowledge`);
    }
    expect((await setRules(RULES)).status).toBe(200);
  });

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
    expect(code(await desk.nora.call('POST', `changes/${changeId}/approve`, digest))).toBe('change.own_not_permitted');
    expect(code(await desk.nora.call('POST', `changes/${changeId}/apply`))).toBe('change.needs_approvals');
    expect((await desk.ned.call('POST', `changes/${changeId}/approve`, digest)).status).toBe(200);
    expect((await desk.nora.call('POST', `changes/${changeId}/apply`)).status).toBe(200);
    expect(await desk.events(revision)).toEqual(['ChangeReviewed', 'RouteApproved', 'ChangeApplied']);
    expect(await routes()).toEqual(['10.0.0.0/8']);
  });

  test('an approval is for what the reviewer saw: when the change would do more by then, it lapses', async () => {
    await desk.owner.call('PUT', 'policy', OPEN.replace('*:*', '*:22'), { 'netfold-emergency': 'narrow' });
    const { changeId } = await desk.propose();
    const before = await desk.show(changeId);
    expect((await desk.approve(changeId, desk.ned)).status).toBe(200);
    await desk.owner.call('PUT', 'policy', OPEN, { 'netfold-emergency': 'wide' });
    const applied = await desk.nora.call('POST', `changes/${changeId}/apply`);
    expect([applied.status, code(applied)]).toEqual([409, 'change.approvals_lapsed']);
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
    expect(code(late)).toBe('change.impact_moved');
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
      expect((await routes()).includes('10.1.0.0/16')).toBe(change.stage === 'applied');
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
    expect(code(await desk.nora.call('POST', `changes/${changeId}/apply`))).toBe('route.not_advertised');
    expect(await routes()).toEqual([]);
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
      expect(code(await desk.adam.call('POST', path))).toBe('override.own_not_permitted');
      expect((await desk.nora.call('POST', path)).status).toBe(200);
      expect((await desk.owner.call('GET', 'overrides')).body).toMatchObject({ overrides: [] });
    });

    test('are not for everybody', async () => {
      const headers = { 'netfold-emergency': 'now' };
      const answer = await desk.nora.call('POST', 'nodes/router/routes/approve', { prefix: '10.0.0.0/8' }, headers);
      expect([answer.status, code(answer)]).toEqual([403, 'change.emergency_not_permitted']);
    });
  });

  describe('two edits of the policy from the same base', () => {
    const mine = OPEN.replace('"acls"', '"groups": {"group:a": ["nora@example.com"]},\n  "acls"');
    const yours = OPEN.replace('*:*', '*:22');

    test('the second is told, with both in one text when they go together', async () => {
      await setRules([], { 'netfold-emergency': 'rules are not the subject' });
      const { headers } = await desk.nora.call('GET', 'policy');
      const base = { 'if-match': headers.get('etag') ?? '' };
      expect((await desk.ned.call('PUT', 'policy', yours, base)).status).toBe(200);
      const late = await desk.nora.call('PUT', 'policy', mine, base);
      expect([late.status, code(late)]).toEqual([412, 'tailnet.stale_revision']);
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
      await setRules([], { 'netfold-emergency': 'rules are not the subject' });
      const { headers } = await desk.nora.call('GET', 'policy');
      const base = { 'if-match': headers.get('etag') ?? '' };
      await desk.ned.call('PUT', 'policy', yours, base);
      const late = await desk.nora.call('PUT', 'policy', OPEN.replace('*:*', '*:80'), base);
      expect((late.body as { details: unknown }).details).toMatchObject({
        merged: null,
        conflicts: [{ path: expect.stringContaining('acls'), message: expect.any(String) }],
      });
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
      expect([stale.status, code(stale)]).toEqual([409, 'policy.stale_base']);
      expect((stale.body as { details: { merged: string } }).details.merged).toContain('*:22');
      expect((await desk.show(second.changeId)).problem).toMatchObject({ code: 'policy.stale_base' });
      const third = await desk.adam.call('POST', 'changes', { title: 'again', ...edit(mine) });
      expect([third.status, code(third)]).toEqual([409, 'policy.stale_base']);
      expect((third.body as { details: { merged: string } }).details.merged).toContain('*:22');
    });
  });

  describe('in time', () => {
    test('a change is applied when it is due, by the system, once', async () => {
      const { changeId, revision } = await desk.propose();
      await desk.approve(changeId, desk.ned);
      const past = await desk.nora.call('POST', `changes/${changeId}/schedule`, { at: clock.now() });
      expect(code(past)).toBe('input.bad_deadline');
      expect((await desk.nora.call('POST', `changes/${changeId}/schedule`, { at: clock.now() + HOUR })).status).toBe(
        200,
      );
      clock.advance(HOUR);
      await until(changeId, 'applied');
      expect(await desk.events(revision)).toEqual([
        'ChangeReviewed',
        'ChangeScheduled',
        'RouteApproved',
        'ChangeApplied',
      ]);
    });

    test('one that is not approved in time has failed', async () => {
      const { changeId } = await desk.propose();
      await desk.nora.call('POST', `changes/${changeId}/schedule`, { at: clock.now() + HOUR });
      clock.advance(HOUR);
      const { change } = await until(changeId, 'failed');
      expect(change.end?.why).toContain('needs 1 more approval');
      expect(await routes()).toEqual([]);
    });

    test('a temporary change takes itself back, also when the server was down at the time', async () => {
      const { changeId, revision } = await desk.propose({ lasts: HOUR });
      await desk.approve(changeId, desk.ned);
      await desk.nora.call('POST', `changes/${changeId}/apply`);
      expect(await routes()).toEqual(['10.0.0.0/8']);
      expect((await desk.show(changeId)).change.until).toBe(clock.now() + HOUR);
      clock.advance(2 * HOUR);
      await desk.control.restart();
      await until(changeId, 'expired');
      expect(await routes()).toEqual([]);
      expect((await desk.events(revision)).slice(-2)).toEqual(['RouteRevoked', 'ChangeExpired']);
    });

    test('one that cannot be taken back any more says so, and stays as it is', async () => {
      const rename = (name: string) => [{ type: 'RenameNode', data: { nodeId: 'router', name } }];
      const { changeId } = await desk.propose({ lasts: HOUR, commands: rename('gateway') }, desk.adam);
      await desk.adam.call('POST', `changes/${changeId}/apply`);
      await desk.adam.call('POST', 'nodes/gateway/rename', { name: 'router' });
      await desk.adam.call('POST', 'nodes/router/rename', { name: 'edge' });
      clock.advance(2 * HOUR);
      for (;;) {
        const { change } = await desk.show(changeId);
        if (change.until !== null) continue;
        expect(change).toMatchObject({
          stage: 'applied',
          end: { why: expect.stringContaining('it has been changed since') },
        });
        break;
      }
      await desk.adam.call('POST', 'nodes/edge/rename', { name: 'router' });
    });
  });

  describe('taking back', () => {
    test('a change is proposing the opposite; applied, it ends the change', async () => {
      const { changeId } = await desk.propose();
      await desk.approve(changeId, desk.ned);
      await desk.nora.call('POST', `changes/${changeId}/apply`);
      const undo = (await desk.nora.call('POST', 'reverts', { changeId })).body as { changeId: string };
      const { change } = await desk.show(undo.changeId);
      expect(change).toMatchObject({
        title: `take back ${changeId}: reach the office`,
        commands: [{ text: 'revoke the route 10.0.0.0/8 of router' }],
        reverts: { changeId },
      });
      expect((await desk.nora.call('POST', `changes/${undo.changeId}/apply`)).status).toBe(200);
      expect((await desk.show(changeId)).change).toMatchObject({ stage: 'reverted', end: { why: undo.changeId } });
      expect(code(await desk.nora.call('POST', 'reverts', { changeId }))).toBe('change.not_applied');
    });

    test('an event: or it is said what stands in the way', async () => {
      const renamed = (await desk.adam.call('POST', 'nodes/router/rename', { name: 'gate' })).body as {
        revision: number;
      };
      const again = (await desk.adam.call('POST', 'nodes/gate/rename', { name: 'door' })).body as {
        revision: number;
      };
      const first = await desk.adam.call('POST', 'reverts', { revision: renamed.revision });
      expect([first.status, first.body]).toMatchObject([
        409,
        { code: 'revert.depended_on', details: { later: [{ revision: again.revision, type: 'NodeRenamed' }] } },
      ]);
      const second = await desk.adam.call('POST', 'reverts', { revision: again.revision });
      expect(second.status).toBe(201);
      await desk.adam.call('POST', 'nodes/door/rename', { name: 'router' });
      expect(code(await desk.adam.call('POST', 'reverts', { revision: 0 }))).toBe('revert.impossible');
      expect(code(await desk.adam.call('POST', 'reverts', { revision: 999_999 }))).toBe('history.no_such_revision');
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
      expect([path, answer.status, code(answer)]).toEqual([path, 412, 'tailnet.stale_revision']);
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
    expect([answer.status, code(answer)]).toEqual([403, 'change.nobody_not_permitted']);
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
      expect([type, answer.status, code(answer)]).toEqual([type, 400, 'change.not_proposable']);
    }
  });
});
