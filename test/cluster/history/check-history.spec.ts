import { describe, expect, test } from '@jest/globals';
import { checkHistory } from './check-history.js';
import type { AgentHistory, Applied, History, Order, Read } from './history.js';
import { soundHistory } from './sound-history.js';

const sound = soundHistory();
const [policy, rename, removal, second] = sound.orders as [Order, Order, Order, Order, Order];
const removedAt = removal.answer?.revision ?? 0;

const laws = async (history: History) => [...new Set((await checkHistory(history)).map(({ law }) => law))];

/** The history with one order, agent or read replaced. */
const withOrder = (old: Order, order: Partial<Order>): History => ({
  ...sound,
  orders: sound.orders.map((one) => (one === old ? { ...one, ...order } : one)),
});
const withAgent = (change: (agent: AgentHistory) => Partial<AgentHistory>): History => ({
  ...sound,
  agents: sound.agents.map((agent, i) => (i === 0 ? { ...agent, ...change(agent) } : agent)),
});
const withRead = (change: Partial<Read>): History => ({
  ...sound,
  reads: sound.reads.map((read, i) => (i === 1 ? { ...read, ...change } : read)),
});
const withApplied = (revision: number, change: Partial<Applied>): History =>
  withAgent(({ applied }) => ({
    applied: applied.map((one) => (one.revision === revision ? { ...one, ...change } : one)),
  }));
const unanswered = ({ tries: [only] }: Order, result: 'unknown' | 'refused') => ({
  answer: undefined,
  tries: only ? [{ ...only, result }] : [],
});
const without = (revision: number) => ({
  ledger: sound.ledger.filter((event) => event.revision !== revision),
  sealed: sound.sealed.filter((event) => event.revision !== revision),
});

test('a history in which nothing is wrong is found to be right', async () => {
  expect(sound.orders).toHaveLength(5);
  expect(sound.agents.map(({ member }) => member)).toEqual([true, true, false, true]);
  expect(await checkHistory(sound)).toEqual([]);
});

describe('orders', () => {
  test('an acknowledged one that is not in the ledger is lost', async () => {
    const last = sound.ledger.length - 1;
    const ledger = sound.ledger.slice(0, last);
    const lost: History = {
      ...sound,
      ledger,
      sealed: ledger,
      reads: [],
      claims: [],
      agents: sound.agents.map((agent) => ({ ...agent, applied: agent.applied.filter((one) => one.revision < last) })),
    };
    expect(await laws(lost)).toEqual(['nothing acknowledged is lost']);
  });

  test('one that stands twice is a duplicate', async () => {
    const [event] = sound.ledger.slice(removedAt + 1);
    const twice = sound.ledger.map((one) =>
      one.revision === removedAt - 1 && event ? { ...one, type: event.type, commandId: event.commandId } : one,
    );
    expect(await laws({ ...sound, ledger: twice })).toContain('exactly once');
  });

  test('one that was refused and stands there is found; one that nobody knows of may', async () => {
    expect(await laws(withOrder(policy, unanswered(policy, 'refused')))).toEqual(['nothing that was refused']);
    expect(await laws(withOrder(policy, unanswered(policy, 'unknown')))).toEqual([]);
  });

  test('what nobody asked for is found', async () => {
    expect(await laws({ ...sound, orders: sound.orders.slice(1) })).toEqual(['nothing that nobody asked for']);
  });

  test('another revision than was answered, and the content of another order, are found', async () => {
    const answer = { revision: 99, eventIds: rename.answer?.eventIds ?? [] };
    expect(await laws(withOrder(rename, { answer }))).toContain('exactly once');
    expect(await laws(withOrder(rename, { mark: 'scarlet' }))).toEqual(['exactly once']);
    expect(await laws(withOrder(rename, { event: 'NodeTagged', leaves: false }))).toEqual(['exactly once']);
  });

  test('a repetition with another answer is found', async () => {
    const again = rename.tries.map((one) => ({ ...one, revision: 99 }));
    expect(await laws(withOrder(rename, { tries: [...rename.tries, ...again] }))).toEqual([
      'a repetition answers the same',
    ]);
  });

  test('one that was answered before another was sent, and stands behind it, is found', async () => {
    const tries = second.tries.map((one) => ({ ...one, sentAt: 1, endedAt: 2 }));
    expect(await laws(withOrder(second, { tries }))).toEqual(['order of time']);
  });
});

describe('reads', () => {
  test('an older revision than was asked for is stale', async () => {
    expect(await laws(withRead({ minRevision: 99 }))).toEqual(['no stale read']);
  });

  test.each([
    ['names', { nodeNames: ['red'] }],
    ['a policy', { policy: '{}' }],
    ['a revision', { revision: 99 }],
  ] as const)('%s that the ledger does not say are found', async (_, change) => {
    expect(await laws(withRead(change))).toEqual(['reads show the ledger']);
  });
});

describe('agents', () => {
  test('a digest that is not the fold’s is found, on the way and at the end', async () => {
    expect(await laws(withApplied(removedAt, { digest: 'ab' }))).toEqual(['a netmap is the fold']);
    const last = sound.ledger.length - 1;
    expect(await laws(withApplied(last, { digest: 'ab' }))).toEqual([
      'a netmap is the fold',
      'every agent ends with the fold',
    ]);
  });

  test('one that resumes and is sent everything is found', async () => {
    expect(await laws(withApplied(removedAt, { resumed: true }))).toEqual([]);
    const whole = withAgent(({ applied: [first, ...rest] }) => ({
      applied: first ? [{ ...first, resumed: true }, ...rest] : [],
    }));
    expect(await laws(whole)).toEqual(['who resumes is told the difference']);
  });

  test('one that goes back is found', async () => {
    const back = withAgent(({ applied }) => ({ applied: [...applied.slice(0, 3), ...applied.slice(1)] }));
    expect(await laws(back)).toEqual(['no agent goes back']);
  });

  test('one that stays behind is found, and one that nobody has', async () => {
    const behind = withAgent(({ applied }) => ({ applied: applied.slice(0, 2) }));
    expect(await laws(behind)).toEqual(['every agent ends with the fold', 'in force is in force']);
    expect(await laws({ ...sound, agents: sound.agents.slice(1) })).toEqual(['every agent ends with the fold']);
  });

  test('a frame that an agent refused is the fault of whoever sent it', async () => {
    expect(await laws(withAgent(() => ({ refused: ['agent.netmap_digest: no'] })))).toEqual(['nothing wrong is sent']);
  });

  test('a revoked peer that stays, or comes back later, is found', async () => {
    const gone = removal.removes ?? '';
    const violated = ['no revocation is violated'];
    expect(await laws(withApplied(removedAt, { lost: [] }))).toEqual(violated);
    expect(await laws(withApplied(removedAt + 1, { gained: [gone] }))).toEqual(violated);
    expect(await laws(withApplied(removedAt + 1, { snapshot: true, gained: [] }))).toEqual([]);
  });

  test('what was said to be in force before it was is found', async () => {
    const claims = sound.claims.map((claim) => ({ ...claim, saidAt: 1 }));
    expect(await laws({ ...sound, claims })).toEqual(['in force is in force']);
  });
});

test('a ledger with a gap, with other content, and one that is shown otherwise than it is kept, are found', async () => {
  const chain = 'the ledger is one chain';
  expect(await laws({ ...sound, ...without(removedAt) })).toContain(chain);
  const altered = sound.sealed.map((event) => (event.revision === 2 ? { ...event, data: {} } : event));
  expect(await laws({ ...sound, sealed: altered })).toEqual([chain]);
  expect(await laws({ ...sound, sealed: sound.sealed.slice(0, -1) })).toEqual([chain]);
  expect(await laws({ ...sound, damage: 'the disk is gone' })).toEqual([chain]);
});
