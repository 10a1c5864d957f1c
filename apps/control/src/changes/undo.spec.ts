import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { ChangeDesk, codeOf } from '../testing/change-desk.js';
import { ManualClock } from '../testing/manual-clock.js';

describe('taking back', () => {
  const clock = new ManualClock();
  let desk: ChangeDesk;
  beforeAll(async () => {
    desk = await ChangeDesk.open(clock);
  });
  beforeEach(() => desk.tidy());
  afterAll(() => desk.close());

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
    expect(codeOf(await desk.nora.call('POST', 'reverts', { changeId }))).toBe('change.not_applied');
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
    expect(codeOf(await desk.adam.call('POST', 'reverts', { revision: 0 }))).toBe('revert.impossible');
    expect(codeOf(await desk.adam.call('POST', 'reverts', { revision: 999_999 }))).toBe('history.no_such_revision');
  });
});
