import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { ChangeDesk, codeOf } from '../testing/change-desk.js';
import { ManualClock } from '../testing/manual-clock.js';

const HOUR = 3_600_000;

describe('a change in time', () => {
  const clock = new ManualClock();
  let desk: ChangeDesk;
  beforeAll(async () => {
    desk = await ChangeDesk.open(clock);
  });
  beforeEach(() => desk.tidy());
  afterAll(() => desk.close());

  test('a change is applied when it is due, by the system, once', async () => {
    const { changeId, revision } = await desk.propose();
    await desk.approve(changeId, desk.ned);
    const past = await desk.nora.call('POST', `changes/${changeId}/schedule`, { at: clock.now() });
    expect(codeOf(past)).toBe('input.bad_deadline');
    expect((await desk.nora.call('POST', `changes/${changeId}/schedule`, { at: clock.now() + HOUR })).status).toBe(200);
    clock.advance(HOUR);
    await desk.until(changeId, 'applied');
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
    const { change } = await desk.until(changeId, 'failed');
    expect(change.end?.why).toContain('needs 1 more approval');
    expect(await desk.routes()).toEqual([]);
  });

  test('a temporary change takes itself back, also when the server was down at the time', async () => {
    const { changeId, revision } = await desk.propose({ lasts: HOUR });
    await desk.approve(changeId, desk.ned);
    await desk.nora.call('POST', `changes/${changeId}/apply`);
    expect(await desk.routes()).toEqual(['10.0.0.0/8']);
    expect((await desk.show(changeId)).change.until).toBe(clock.now() + HOUR);
    clock.advance(2 * HOUR);
    await desk.control.restart();
    await desk.until(changeId, 'expired');
    expect(await desk.routes()).toEqual([]);
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
