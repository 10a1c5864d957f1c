import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import { openSqliteEventStore, type StoredEvent, verifyChain } from '#event-store';
import { systemRandom } from '#host';
import { evolve, initialState, type TailnetState } from '#tailnet';
import { commandIdOf } from '../../../apps/control/src/auth/command-id.js';
import { loadServerSecret } from '../../../apps/control/src/auth/server-secret.js';
import { PersonKeyFile } from '../../../apps/control/src/personal-data/person-key-file.js';
import { readableStore } from '../../../apps/control/src/personal-data/readable-store.js';
import type { Sent } from './admin.js';
import type { CrashRun } from './crash-run.js';

/** What the audit has looked at, so that a test can tell that it was worth it. */
export interface Findings {
  readonly answered: number;
  /** Answered at a repetition, because the first answer was lost with the server. */
  readonly answeredLate: number;
  /** Among these, those that the ledger had already when they were repeated. */
  readonly foundDone: number;
  /** Never answered, and found in the ledger. */
  readonly doneUnanswered: number;
  /** Never answered, and not in the ledger. */
  readonly undone: number;
  /** Orders with more than one event. */
  readonly large: number;
}

interface Fold {
  readonly event: StoredEvent;
  readonly state: TailnetState;
}

/** Checks what is on the disk against what the admins know; see the names of the functions. */
export async function audit(stateDir: string, run: CrashRun): Promise<Findings> {
  const fold = await foldLedger(stateDir);
  const done = fold.filter(({ event }) => event.actor.kind === 'token' && event.commandId !== undefined);
  // Behind the colon is what the command was to do.
  const byCommand = Map.groupBy(done, ({ event }) => event.commandId.split(':')[0] ?? '');
  const token = done[0]?.event.actor.id ?? '';
  const idOf = ({ idempotencyKey }: Sent) => commandIdOf(`token:${token}`, idempotencyKey);

  for (const sent of run.sent) expectWholeOrNothing(sent, byCommand.get(idOf(sent)) ?? []);
  expectOrderOfTime(run.sent);
  const known = new Set([...run.sent.map(idOf), commandIdOf(`token:${token}`, 'key of the nodes')]);
  expect([...byCommand.keys()].filter((id) => !known.has(id))).toEqual([]);
  expectStateIsFold(run, fold.at(-1)?.state ?? initialState);
  expectNoSecrets(stateDir, fold, run.secrets);

  const isDone = (sent: Sent) => byCommand.has(idOf(sent));
  const unanswered = run.sent.filter(({ answer }) => !answer);
  return {
    answered: run.sent.length - unanswered.length,
    answeredLate: run.sent.filter(({ answer, attempts }) => answer && attempts > 1).length,
    foundDone: run.sent.filter(({ answer, attempts }) => attempts > 1 && answer?.events?.length === 0).length,
    doneUnanswered: unanswered.filter(isDone).length,
    undone: unanswered.filter((sent) => !isDone(sent)).length,
    large: [...byCommand.values()].filter(({ length }) => length > 1).length,
  };
}

/** All events, each with the state after it; the chain of hashes holds, up to the head that the store names. */
async function foldLedger(stateDir: string): Promise<Fold[]> {
  const store = openSqliteEventStore(join(stateDir, 'ledger.db'));
  const people = new PersonKeyFile(
    join(stateDir, 'people.db'),
    loadServerSecret(stateDir).derive('people'),
    systemRandom,
  );
  try {
    const [stream = ''] = await store.streams();
    const head = await store.head(stream);
    expect(await verifyChain(store.read(stream), { through: head })).toEqual(head);
    const fold: Fold[] = [];
    let state = initialState;
    for await (const event of readableStore(store, people).read(stream)) {
      state = evolve(state, event, event);
      fold.push({ event, state });
    }
    return fold;
  } finally {
    people.close();
    await store.close();
  }
}

function expectWholeOrNothing({ order, answer, idempotencyKey }: Sent, done: readonly Fold[]): void {
  const place = `${idempotencyKey} (${order.event})`;
  const first = done[0]?.event;
  const last = done.at(-1);
  if (!first || !last) {
    expect([place, answer]).toEqual([place, undefined]);
    return;
  }
  // Once, in one piece: the event that the order is about first, then what follows from it.
  expect([place, done.map(({ event }) => event.revision)]).toEqual([place, done.map((_, i) => first.revision + i)]);
  expect([place, done.filter(({ event }) => event.type === order.event).map(({ event }) => event)]).toEqual([
    place,
    [first],
  ]);
  expect(JSON.stringify(first.data)).toContain(order.mark);
  if (order.approves !== undefined) expect([place, approvals(last.state)]).toEqual([place, [order.approves]]);
  if (!answer) return;
  expect([place, answer.revision]).toEqual([place, last.event.revision]);
  if (answer.events?.length) expect(answer.events.map(({ id }) => id)).toEqual(done.map(({ event }) => event.id));
}

/** Whether routes are approved: one answer for all of them, when a policy has been carried out whole. */
const approvals = (state: TailnetState): boolean[] => [
  ...new Set([...state.nodes.values()].flatMap(({ routes }) => [...routes.values()].map(({ approved }) => approved))),
];

/** Whatever was answered before something else was sent stands before it. */
function expectOrderOfTime(sent: readonly Sent[]): void {
  const answered = sent.filter((one) => one.answer).sort((a, b) => (a.answeredAt ?? 0) - (b.answeredAt ?? 0));
  for (const later of answered) {
    const before = answered.filter(({ answeredAt = 0 }) => answeredAt < later.sentAt);
    const newest = Math.max(-1, ...before.map(({ answer }) => answer?.revision ?? -1));
    expect(newest).toBeLessThan(later.answer?.revision ?? -1);
  }
}

/** What the restarted server showed is what the events say, folded from the first by themselves. */
function expectStateIsFold({ shown, revision }: CrashRun, state: TailnetState): void {
  expect(revision).toBe(state.revision);
  expect(shown.policy).toBe(state.policy.text);
  expect(shown.dns).toEqual(state.dns);
  expect(shown.users).toEqual([...state.users.values()].sort((a, b) => (a.login < b.login ? -1 : 1)));
  const names = (shown.nodes as { id: string; name: string }[]).map(({ id, name }) => [id, name]);
  expect(new Map(names as [string, string][])).toEqual(new Map([...state.nodes].map(([id, { name }]) => [id, name])));
}

function expectNoSecrets(stateDir: string, fold: readonly Fold[], secrets: readonly string[]): void {
  const files = readdirSync(stateDir).filter((name) => name.startsWith('ledger.db'));
  const bytes = files.map((name) => readFileSync(join(stateDir, name), 'latin1')).join('\n');
  const text = fold.map(({ event }) => JSON.stringify(event)).join('\n');
  expect(secrets.length).toBeGreaterThan(1);
  for (const secret of secrets) {
    const [, id = '', ...rest] = secret.split('_');
    expect(text).toContain(id); // it is known, by its public part
    expect([text, bytes].some((where) => where.includes(rest.at(-1) ?? secret))).toBe(false);
  }
}
