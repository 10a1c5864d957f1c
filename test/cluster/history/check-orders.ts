import type { LedgerEvent } from '#event-store';
import { answeredAt, type History, type Order, type Violation, wasRefused } from './history.js';

type Part = Pick<History, 'orders' | 'ledger'>;

/** Behind the colon of a command's id stands what it was to do. */
const commandOf = ({ commandId }: LedgerEvent): string => commandId.split(':')[0] ?? '';

/**
 * What was acknowledged is in the ledger once and whole, what was refused is not, what nobody knows of at most once; and
 * nothing that nobody asked for is.
 */
export function checkOrders({ orders, ledger }: Part): Violation[] {
  const byCommand = Map.groupBy(ledger, commandOf);
  const known = new Set(orders.map(({ commandId }) => commandId));
  const strangers = ledger.filter((event) => event.actor.kind === 'token' && !known.has(commandOf(event)));
  return [
    ...orders.flatMap((order) => checkOrder(order, byCommand.get(order.commandId) ?? [])),
    ...strangers.map((event) => broken('nothing that nobody asked for', `${event.type} at ${event.revision}`)),
  ];
}

/** What was answered before something else was sent stands before it: to all admins together there is one order of time. */
export function checkOrderOfTime({ orders }: Pick<History, 'orders'>): Violation[] {
  // Only those that caused something have a place of their own in the ledger.
  const done = orders.filter(({ answer }) => answer && answer.eventIds.length > 0);
  const byAnswer = done.toSorted((a, b) => (answeredAt(a) ?? 0) - (answeredAt(b) ?? 0));
  const violations: Violation[] = [];
  let next = 0;
  let newest: Order | undefined;
  for (const later of done.toSorted((a, b) => sentAt(a) - sentAt(b))) {
    for (let before = byAnswer[next]; before && (answeredAt(before) ?? 0) < sentAt(later); before = byAnswer[++next]) {
      if (revisionOf(before) > revisionOf(newest)) newest = before;
    }
    if (newest && revisionOf(newest) >= revisionOf(later)) {
      const what = `${later.what} is at ${revisionOf(later)}, and was sent after ${newest.what} was answered with ${revisionOf(newest)}`;
      violations.push(broken('order of time', what));
    }
  }
  return violations;
}

function checkOrder(order: Order, events: readonly LedgerEvent[]): Violation[] {
  const { answer, what, leaves, tries } = order;
  const at = events.map(({ revision }) => revision);
  const named = events.filter(({ type }) => type === order.event);
  const found: Violation[] = [];
  const complain = (law: string, why: string) => found.push(broken(law, `${what}: ${why}`));

  if (events.length > 0 && wasRefused(order)) complain('nothing that was refused', `stands at ${at}`);
  if (named.length > 1 || at.some((revision, i) => revision !== (at[0] ?? 0) + i))
    complain('exactly once', `stands at ${at}`);
  if (events.length > 0 && named.length === 0)
    complain('exactly once', `caused no ${order.event}, but ${types(events)}`);
  if (named.some(({ data }) => !JSON.stringify(data).includes(order.mark)))
    complain('exactly once', `another order’s content stands at ${at}`);
  if (!answer) return found;

  const told = new Set(tries.flatMap(({ revision }) => revision ?? []));
  if (events.length > 0 && told.size > 1) complain('a repetition answers the same', `with ${[...told]}`);

  const missing = answer.eventIds.filter((id) => !events.some((event) => event.id === id));
  if (missing.length > 0 || (leaves && events.length === 0))
    complain('nothing acknowledged is lost', `answered with ${answer.revision}, and not in the ledger`);
  if (answer.eventIds.length > 0 && at.length > 0 && at.at(-1) !== answer.revision)
    complain('exactly once', `answered with ${answer.revision}, and stands at ${at}`);
  return found;
}

const types = (events: readonly LedgerEvent[]): string => events.map(({ type }) => type).join(', ');
const sentAt = ({ tries }: Order): number => tries[0]?.sentAt ?? 0;
const revisionOf = (order: Order | undefined): number => order?.answer?.revision ?? -1;
const broken = (law: string, what: string): Violation => ({ law, what });
